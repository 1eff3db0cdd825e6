# SPDX-License-Identifier: Apache-2.0
"""nginx as the other end: it wants our certificate, lets one request a second in beyond a few at once,
and answers 429 to the rest. Every event arrives under its own id, and in order."""
import shutil
import subprocess

import pytest

from deliver import Authority, Deliverer, approve, keeper_with, recipient
from test_deliver_webhook import acts, ids_of
from vigied import RUNNING, free_port, wait_for

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin:/bin")
CONFIG = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    log_format ids '$status $http_idempotency_key $ssl_client_s_dn';
    access_log {folder}/access ids;
    limit_req_zone $binary_remote_addr zone=all:1m rate=1r/s;
    limit_req_status 429;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {crt}; ssl_certificate_key {key};
        ssl_client_certificate {ca}; ssl_verify_client on;
        location / {{
            limit_req zone=all burst=3 nodelay;
            add_header Retry-After 1 always;
            try_files /nothing =204;
        }}
    }}
}}
"""


@pytest.mark.skipif(not NGINX, reason="no nginx here")
def test_nginx(tmp_path):
    authority = Authority(tmp_path / "ca")
    port = free_port()
    crt, key = authority.issue("nginx")
    folder = tmp_path / "nginx"
    folder.mkdir()
    (folder / "conf").write_text(CONFIG.format(folder=folder, port=port, crt=crt, key=key,
                                               ca=authority.ca))
    nginx = subprocess.Popen([NGINX, "-c", folder / "conf", "-p", folder],
                             stderr=subprocess.DEVNULL)
    RUNNING.add(nginx)
    keeper = keeper_with(tmp_path, [recipient(webhook=f"https://localhost:{port}/vigie")])
    deliverer = Deliverer(keeper, {"mode": "listed", "hosts": f"localhost:{port}",
                                   "networks": "127.0.0.0/8 ::1"}, {"ca": authority.ca})
    for file, name in zip(authority.issue("vigie-t1"), ("client.pem", "client.key")):
        (deliverer.keys / name).write_bytes(file.read_bytes())
    approve(keeper, f"localhost:{port}")
    acts(keeper, 12)
    deliverer.start()

    def lines(status):
        text = (folder / "access").read_text() if (folder / "access").exists() else ""
        return [line.split(" ", 2)[1:] for line in text.splitlines() if line.startswith(status)]

    # Sizes of the logs stand still meanwhile; a heartbeat may be among what arrived.
    wait_for("all of it", lambda: ids_of(keeper) <= {i for i, _ in lines("204")}, 120)
    assert lines("429"), "nothing was ever too much for it"
    assert {who for _, who in lines("204")} == {"CN=vigie-t1"}
    deliverer.stop()
    keeper.stop()
    nginx.terminate()
    nginx.wait(10)

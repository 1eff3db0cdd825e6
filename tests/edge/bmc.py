# SPDX-License-Identifier: Apache-2.0
"""A small Redfish server for the tests: TLS, sessions with a limit, latency, $expand, ETags, paged
logs, statistics, and the ways in which a BMC can be hostile. Its data are ours: tree() makes one
server with drives, memory, fans, power supplies and a log, each of whose parts a test may change."""
import base64
import copy
import hashlib
import json
import re
import secrets
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

USER, PASSWORD = "vigie", "un secret, pas deux"
OK = {"State": "Enabled", "Health": "OK"}


def collection(path, members, kind):
    return {"@odata.id": path, "@odata.type": f"#{kind}Collection.{kind}Collection",
            "Name": kind, "Members@odata.count": len(members),
            "Members": [{"@odata.id": m} for m in members]}


def resource(path, kind, **more):
    return {"@odata.id": path, "@odata.type": f"#{kind}.v1_10_0.{kind}",
            "Id": path.rsplit("/", 1)[1], "Name": path.rsplit("/", 1)[1], **more}


def entry(path, number, severity, text, **more):
    return {"@odata.id": f"{path}/{number}", "@odata.type": "#LogEntry.v1_11_0.LogEntry",
            "Id": str(number), "EntryType": "Event", "Severity": severity, "Message": text,
            "Created": f"2027-03-01T00:{number // 60:02}:{number % 60:02}Z", **more}


def tree(drives=8, dimms=16, entries=40):
    """path: resource, of one healthy server."""
    v1, t = "/redfish/v1", {}
    link = lambda p: {"@odata.id": p}

    def put(r):
        t[r["@odata.id"]] = r

    system, chassis, manager = f"{v1}/Systems/S1", f"{v1}/Chassis/C1", f"{v1}/Managers/M1"
    put({"@odata.id": v1, "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot", "Id": "RootService",
         "RedfishVersion": "1.15.0",
         "ProtocolFeaturesSupported": {"ExpandQuery": {"ExpandAll": True, "Levels": True,
                                                       "MaxLevels": 1, "NoLinks": True}},
         "Systems": link(f"{v1}/Systems"), "Chassis": link(f"{v1}/Chassis"),
         "Managers": link(f"{v1}/Managers"), "UpdateService": link(f"{v1}/UpdateService"),
         "AccountService": link(f"{v1}/AccountService"),
         "Links": {"Sessions": link(f"{v1}/SessionService/Sessions")}})
    for name, member, kind in (("Systems", system, "ComputerSystem"), ("Chassis", chassis, "Chassis"),
                               ("Managers", manager, "Manager")):
        put(collection(f"{v1}/{name}", [member], kind))
    parts = {"Processors": ("Processor", ["CPU1", "CPU2"]),
             "Memory": ("Memory", [f"DIMM{i}" for i in range(1, dimms + 1)]),
             "EthernetInterfaces": ("EthernetInterface", ["NIC1", "NIC2"])}
    put(resource(system, "ComputerSystem", Manufacturer="Vigie", Model="Essai", SerialNumber="S0001",
                 UUID="00000000-0000-4000-8000-000000000001", BiosVersion="2.1.0",
                 Status={**OK, "HealthRollup": "OK"}, Storage=link(f"{system}/Storage"),
                 LogServices=link(f"{system}/LogServices"), Bios=link(f"{system}/Bios"),
                 **{name: link(f"{system}/{name}") for name in parts}))
    for name, (kind, ids) in parts.items():
        put(collection(f"{system}/{name}", [f"{system}/{name}/{i}" for i in ids], kind))
        for i in ids:
            put(resource(f"{system}/{name}/{i}", kind, Status=dict(OK), Manufacturer="Vigie",
                         SerialNumber=f"{i}-0001", PartNumber="P-1"))
    storage = f"{system}/Storage/R1"
    disks = [f"{storage}/Drives/D{i}" for i in range(1, drives + 1)]
    put(collection(f"{system}/Storage", [storage], "Storage"))
    put(resource(storage, "Storage", Status={**OK, "HealthRollup": "OK"},
                 Drives=[link(d) for d in disks], Volumes=link(f"{storage}/Volumes")))
    put(collection(f"{storage}/Volumes", [f"{storage}/Volumes/V1"], "Volume"))
    put(resource(f"{storage}/Volumes/V1", "Volume", Status=dict(OK), RAIDType="RAID6"))
    for i, d in enumerate(disks, 1):
        put(resource(d, "Drive", Status=dict(OK), Manufacturer="Vigie", Model="D-1000",
                     SerialNumber=f"DISK{i:04}", MediaType="SSD", FailurePredicted=False,
                     PhysicalLocation={"PartLocation": {"ServiceLabel": f"Bay {i}",
                                                        "LocationType": "Bay"}}))
    put(resource(chassis, "Chassis", Status={**OK, "HealthRollup": "OK"}, Manufacturer="Vigie",
                 SerialNumber="C0001", Power=link(f"{chassis}/Power"),
                 Thermal=link(f"{chassis}/Thermal"), Sensors=link(f"{chassis}/Sensors"),
                 NetworkAdapters=link(f"{chassis}/NetworkAdapters"),
                 PCIeDevices=link(f"{chassis}/PCIeDevices")))
    put(resource(f"{chassis}/Power", "Power", PowerSupplies=[
        {"@odata.id": f"{chassis}/Power#/PowerSupplies/{i}", "MemberId": str(i), "Name": f"PSU {i + 1}",
         "Status": dict(OK), "SerialNumber": f"PSU{i}0001", "Manufacturer": "Vigie",
         "LineInputVoltage": 231.5} for i in range(2)]))
    put(resource(f"{chassis}/Thermal", "Thermal", Fans=[
        {"@odata.id": f"{chassis}/Thermal#/Fans/{i}", "MemberId": str(i), "Name": f"Fan {i + 1}",
         "Status": dict(OK), "Reading": 9000, "ReadingUnits": "RPM"} for i in range(6)],
        Temperatures=[
        {"@odata.id": f"{chassis}/Thermal#/Temperatures/0", "MemberId": "0", "Name": "Inlet",
         "Status": dict(OK), "ReadingCelsius": 23.5, "UpperThresholdCritical": 42}]))
    put(collection(f"{chassis}/Sensors", [f"{chassis}/Sensors/T1"], "Sensor"))
    put(resource(f"{chassis}/Sensors/T1", "Sensor", Status=dict(OK), Reading=23.5,
                 ReadingType="Temperature", ReadingUnits="Cel"))
    put(collection(f"{chassis}/NetworkAdapters", [f"{chassis}/NetworkAdapters/N1"], "NetworkAdapter"))
    put(resource(f"{chassis}/NetworkAdapters/N1", "NetworkAdapter", Status=dict(OK),
                 Ports=link(f"{chassis}/NetworkAdapters/N1/Ports")))
    ports = f"{chassis}/NetworkAdapters/N1/Ports"
    put(collection(ports, [f"{ports}/1", f"{ports}/2"], "Port"))
    for i in (1, 2):
        put(resource(f"{ports}/{i}", "Port", Status=dict(OK), LinkStatus="LinkUp"))
    put(collection(f"{chassis}/PCIeDevices", [f"{chassis}/PCIeDevices/P1"], "PCIeDevice"))
    put(resource(f"{chassis}/PCIeDevices/P1", "PCIeDevice", Status=dict(OK)))
    put(resource(manager, "Manager", Status=dict(OK), FirmwareVersion="1.0.0",
                 LogServices=link(f"{manager}/LogServices")))
    for owner, name in ((system, "Log"), (manager, "Sel")):
        service = f"{owner}/LogServices/{name}"
        put(collection(f"{owner}/LogServices", [service], "LogService"))
        put(resource(service, "LogService", Status=dict(OK), Entries=link(f"{service}/Entries")))
        n = entries if owner == system else 0
        put({**collection(f"{service}/Entries", [], "LogEntry"), "Members@odata.count": n,
             "Members": [entry(f"{service}/Entries", i, "OK", f"remarque {i}")
                         for i in range(1, n + 1)]})
    put({**resource(f"{v1}/UpdateService", "UpdateService"), "Status": dict(OK),
         "FirmwareInventory": link(f"{v1}/UpdateService/FirmwareInventory")})
    put(collection(f"{v1}/UpdateService/FirmwareInventory",
                   [f"{v1}/UpdateService/FirmwareInventory/BIOS"], "SoftwareInventory"))
    put(resource(f"{v1}/UpdateService/FirmwareInventory/BIOS", "SoftwareInventory", Version="2.1.0",
                 Updateable=True))
    return t


def certificate(folder, name="127.0.0.1", stem="bmc"):
    """A self-signed certificate for name: (certificate, key, pin)."""
    crt, key = folder / f"{stem}.crt", folder / f"{stem}.key"
    kind = "IP" if re.match(r"[\d.]+$", name) else "DNS"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}",
                    "-keyout", key, "-out", crt], check=True, capture_output=True)
    public = subprocess.run(["openssl", "x509", "-in", crt, "-pubkey", "-noout"], check=True,
                            capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=public, check=True,
                         capture_output=True).stdout
    return crt, key, "sha256//" + base64.b64encode(hashlib.sha256(der).digest()).decode()


class Bmc:
    """Serves a tree on a free port of 127.0.0.1 until stop(). Its attributes may change meanwhile."""

    def __init__(self, folder, resources=None, host="127.0.0.1"):
        self.tree = tree() if resources is None else resources
        self.certificate, key, self.pin = certificate(folder, host)
        self.max_sessions, self.latency, self.page, self.expands = 8, 0.0, 0, True
        self.overrides = {}  # path: function(handler), in place of an answer
        self.is_gone = self.drips = False
        self.answers = threading.Event()  # cleared: it takes requests, and says nothing
        self.answers.set()
        self.sessions, self.lock = {}, threading.Lock()
        self.requests, self.in_flight, self.most_in_flight = [], 0, 0
        self.created = self.deleted = self.rejected = self.not_modified = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True,
                                                 do_handshake_on_connect=False)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # cut connections are what we test
        self.port = self.server.server_address[1]
        self.address = f"https://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self):
        """Connections that are open are cut at their next request."""
        self.is_gone = True
        self.answers.set()
        self.server.shutdown()
        self.server.server_close()

    def count(self):
        """Requests so far, logins and logouts not counted."""
        return sum(1 for _, path in self.requests if "/Sessions" not in path)

    def find(self, part):
        return next(r for path, r in self.tree.items() if path.endswith(part))


def handler_of(bmc):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16  # an answer is sent whole: in two pieces it waits for the other end's ACK

        def log_message(self, *_):
            pass

        def answer(self, status, body=None, headers=None):
            data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "OData-Version": "4.0",
                                "Content-Length": str(len(data)), **(headers or {})}.items():
                self.send_header(name, value)
            self.end_headers()
            for at in range(len(data) if bmc.drips else 0):  # a byte, and another, ...
                self.wfile.write(data[at:at + 1])
                self.wfile.flush()
                time.sleep(1)
            if data and not bmc.drips:
                self.wfile.write(data)

        def error(self, status, message):
            self.answer(status, {"error": {"code": "Base.1.8.GeneralError",
                                           "@Message.ExtendedInfo": [{"MessageId": message}]}})

        def is_known(self):
            basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            return (self.headers.get("X-Auth-Token") in bmc.sessions
                    or self.headers.get("Authorization") == basic)

        def expanded(self, value):
            if isinstance(value, list):
                return [self.expanded(v) for v in value]
            if isinstance(value, dict):
                if list(value) == ["@odata.id"]:
                    return copy.deepcopy(bmc.tree.get(value["@odata.id"], value))
                return {k: v if k == "Links" else self.expanded(v) for k, v in value.items()}
            return value

        def paged(self, found, query):
            members = found.get("Members")
            if not bmc.page or not isinstance(members, list):
                return found
            skip = int(query.get("$skip", ["0"])[0])
            part = {**found, "Members": members[skip:skip + bmc.page]}
            if skip + bmc.page < len(members):
                part["Members@odata.nextLink"] = f"{found['@odata.id']}?$skip={skip + bmc.page}"
            return part

        def do_GET(self):
            with self.counted("GET"):
                url = urlsplit(self.path)
                path, query = url.path.rstrip("/"), parse_qs(url.query)
                time.sleep(bmc.latency)
                if path in bmc.overrides:
                    return bmc.overrides[path](self)
                if path != "/redfish/v1" and not self.is_known():
                    return self.error(401, "Base.1.8.NoValidSession")
                if path not in bmc.tree:
                    return self.error(404, "Base.1.8.ResourceMissingAtURI")
                found = bmc.tree[path]
                if "$expand" in query and not bmc.expands:
                    return self.error(501, "Base.1.8.QueryNotSupported")
                if "$expand" in query:
                    found = {k: v if k == "@odata.id" else self.expanded(v) for k, v in found.items()}
                body = json.dumps(self.paged(found, query)).encode()
                etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                if self.headers.get("If-None-Match") == etag:
                    bmc.not_modified += 1
                    return self.answer(304, None, {"ETag": etag})
                return self.answer(200, body, {"ETag": etag})

        def do_POST(self):
            with self.counted("POST"):
                time.sleep(bmc.latency)
                asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                if self.path.rstrip("/") != "/redfish/v1/SessionService/Sessions":
                    return self.error(405, "Base.1.8.OperationNotAllowed")
                if (asked.get("UserName"), asked.get("Password")) != (USER, PASSWORD):
                    return self.error(401, "Base.1.8.ResourceAtUriUnauthorized")
                with bmc.lock:
                    if len(bmc.sessions) >= bmc.max_sessions:
                        bmc.rejected += 1
                        return self.error(503, "Base.1.8.SessionLimitExceeded")
                    bmc.created += 1
                    token, number = secrets.token_hex(16), str(bmc.created)
                    bmc.sessions[token] = number
                place = f"/redfish/v1/SessionService/Sessions/{number}"
                return self.answer(201, {"@odata.id": place}, {"X-Auth-Token": token, "Location": place})

        def do_DELETE(self):
            with self.counted("DELETE"):
                number = self.path.rsplit("/", 1)[1]
                with bmc.lock:
                    tokens = [t for t, n in bmc.sessions.items() if n == number]
                    if self.headers.get("X-Auth-Token") not in bmc.sessions or not tokens:
                        return self.error(401, "Base.1.8.NoValidSession")
                    bmc.deleted += 1
                    del bmc.sessions[tokens[0]]
                return self.answer(204)

        def counted(self, method):
            return Counted(bmc, method, self.path)

        def send_forever(self, chunk):
            """An answer without end, or as long as somebody reads."""
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.close_connection = True
            try:
                while True:
                    self.wfile.write(chunk)
            except OSError:
                pass

    return Handler


class Counted:
    def __init__(self, bmc, method, path):
        self.bmc, self.row = bmc, (method, path)

    def __enter__(self):
        with self.bmc.lock:
            self.bmc.requests.append(self.row)
            self.bmc.in_flight += 1
            self.bmc.most_in_flight = max(self.bmc.most_in_flight, self.bmc.in_flight)
        self.bmc.answers.wait()
        if self.bmc.is_gone:
            raise ConnectionAbortedError

    def __exit__(self, *_):
        with self.bmc.lock:
            self.bmc.in_flight -= 1

# cmake -DIN=schema.json -DOUT=schema.c -P embed.cmake: a file's bytes as C.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n"
       bytes "${bytes}")
file(WRITE ${OUT}
"/* Made from config/contract.schema.json. */
#include \"vigie/contract.h\"

const char *vg_contract_schema(size_t *ret_n)
{
static const unsigned char bytes[] = {
${bytes}
};
*ret_n = sizeof(bytes);
return (const char *)bytes;
}
")

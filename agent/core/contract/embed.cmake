# cmake -DIN=schema.json -DOUT=schema.c -DVERSION=2 -P embed.cmake: a file's bytes as C.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n"
       bytes "${bytes}")
get_filename_component(name ${IN} NAME)
file(WRITE ${OUT}
"/* Made from config/${name}. */
#include \"core/contract/schema.h\"

const char *schema_bytes_${VERSION}(size_t *ret_n)
{
static const unsigned char bytes[] = {
${bytes}
};
*ret_n = sizeof(bytes);
return (const char *)bytes;
}
")

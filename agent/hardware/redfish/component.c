/* SPDX-License-Identifier: Apache-2.0 */

/* Where a component is and which unit it is, wherever vendors and versions write it. */

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "hardware/foreign.h"
#include "hardware/redfish/resource.h"
#include "vigie/mem.h"

static const char *trimmed(const char *text)
{
        while (isspace((unsigned char)*text))
                text++;
        return strcasecmp(text, "N/A") == 0 || strcasecmp(text, "Unknown") == 0 ||
                               strcasecmp(text, "NOT AVAILABLE") == 0 ||
                               strcasecmp(text, "None") == 0
                       ? ""
                       : text;
}

static const char *first_of(const json_t *object, const char *const *names, size_t n)
{
        for (size_t i = 0; i < n; i++) {
                const char *text =
                        trimmed(json_string_value(member_path(object, names[i]))
                                        ? json_string_value(member_path(object, names[i]))
                                        : "");
                if (*text)
                        return text;
        }
        return "";
}

/* A label that is printed on the machine, or a place in words. */
static const char *label_of(const json_t *object)
{
        static const char *const names[] = {
                "PhysicalLocation.PartLocation.ServiceLabel",
                "Location.PartLocation.ServiceLabel",
                "DeviceLocator",
                "PhysicalLocation.Info",
                "Socket",
                "Oem.Hpe.LocationInPackage",
        };
        const json_t *location = json_object_get(object, "Location");
        const char *label = first_of(object, names, ELEMENTSOF(names));
        const char *info;

        if (*label)
                return label;
        info = member_text(json_array_get(location, 0), "Info");
        if (!*info)
                info = json_string_value(
                        member_path(json_array_get(location, 0), "PartLocation.ServiceLabel"));
        if (info && *info)
                return info;
        return trimmed(json_is_string(location) ? json_string_value(location) : "");
}

/* HPE: the bay beside the standard members. */
static bool bay_of(const json_t *object, char *buf, size_t size)
{
        const json_t *oem = json_object_get(object, "Oem");
        const char *vendor;
        json_t *part;

        json_object_foreach ((json_t *)oem, vendor, part) {
                if (json_is_integer(json_object_get(part, "BayNumber")))
                        return *member_any(part, "BayNumber", buf, size) != '\0';
        }
        return false;
}

static bool is_number(const char *text)
{
        return *text && strspn(text, "0123456789") == strlen(text);
}

static bool has_digit(const char *text)
{
        return strpbrk(text, "0123456789") != NULL;
}

/* Names such as "Memory" or "HpeServerPowerSupply" are those of many: the id makes them one. */
static void name_place(const struct place *place, char *buf, size_t size)
{
        static const char *const names[] = { "Name", "FanName" }; /* that of Thermal 1.0 */
        const char *name = first_of(place->object, names, ELEMENTSOF(names));
        const char *id = member_text(place->object, "Id");
        const bool names_itself = strcmp(place->type, "NetworkAdapter") == 0 ||
                                  strcmp(place->type, "HpeBaseNetworkAdapter") == 0;
        char member[64];

        if (!*id)
                id = member_any(place->object, "MemberId", member, sizeof(member));
        if (*id && !is_number(id) && !names_itself)
                snprintf(buf, size, "%s", id);
        else if (*name && (has_digit(name) || !*id || names_itself))
                snprintf(buf, size, "%s", name);
        else if (*name && *id)
                snprintf(buf, size, "%s %s", name, id);
        else if (*id)
                snprintf(buf, size, "%s", id);
        else
                snprintf(buf, size, "%s", place->uri);
}

/* Sensors are known by their names, other things by where they are. */
static bool is_sensor(const char *component_class)
{
        static const char *const sensors[] = { "temperature", "voltage", "power", "sensor" };

        for (size_t i = 0; i < ELEMENTSOF(sensors); i++)
                if (strcmp(sensors[i], component_class) == 0)
                        return true;
        return false;
}

struct vg_component redfish_component(const struct place *place, const char *component_class,
                                      char buf[REDFISH_TEXT])
{
        static const char *const makers[] = { "Manufacturer", "Vendor",
                                              "MemoryDeviceManufacturer" };
        static const char *const models[] = { "Model", "ModelNumber", "ProductName" };
        static const char *const parts[] = { "PartNumber", "SparePartNumber", "SKU" };
        static const char *const serials[] = { "SerialNumber" };
        static const char *const firmwares[] = { "FirmwareVersion", "Revision",
                                                 "FirmwarePackageVersion",
                                                 "FirmwareVersion.Current.VersionString" };
        const json_t *object = place->object;
        const char *label = label_of(object);

        if (is_sensor(component_class) && *member_text(object, "Name"))
                snprintf(buf, REDFISH_TEXT, "%s", member_text(object, "Name"));
        else if (strcmp(component_class, "nic") == 0 || strcmp(component_class, "system") == 0)
                name_place(place, buf, REDFISH_TEXT);
        else if (*label)
                snprintf(buf, REDFISH_TEXT, "%s", label);
        else if (!bay_of(object, buf, REDFISH_TEXT))
                name_place(place, buf, REDFISH_TEXT);
        return (struct vg_component){
                .component_class = component_class,
                .location = buf,
                .manufacturer = first_of(object, makers, ELEMENTSOF(makers)),
                .model = first_of(object, models, ELEMENTSOF(models)),
                .part = first_of(object, parts, ELEMENTSOF(parts)),
                .serial = first_of(object, serials, ELEMENTSOF(serials)),
                .firmware = first_of(object, firmwares, ELEMENTSOF(firmwares)),
                .odata = place->uri,
        };
}

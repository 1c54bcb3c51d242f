#!/usr/bin/env python3
"""Makes crates/cfn/data/schemas.bin and crates/cfn/data/actions.bin.

Sources, both pinned below and installed into `.tools/` by their ordinary clients:
- PyPI cfn-lint (MIT-0): the CloudFormation registry's resource schemas with AWS' own patches, the
  attributes of `Fn::GetAtt`, stateful types, IAM actions;
- npm @aws-cdk/aws-service-spec (Apache-2.0): replacement behaviour, references, what `Ref` returns.

    python3 tools/schemas/generate.py [--json DIRECTORY]

`--json` also writes what goes into the two files as JSON, for people. The output depends on the
two versions only. The layout is documented in tools/schemas/README.md.
"""

import argparse
import gzip
import importlib
import json
import pathlib
import struct
import subprocess
import sys
import zlib

CFN_LINT = "1.58.0"
SERVICE_SPEC = "0.1.216"

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
DATA = ROOT / "crates" / "cfn" / "data"
# Small enough that one type costs little, large enough that it compresses well.
CHUNK = 96 * 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", type=pathlib.Path)
    arguments.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = arguments.parse_args()
    if not options.inside:
        # cfn-lint is imported, so the work runs inside its own virtual environment.
        python = install()
        command = [str(python), __file__, "--inside"]
        if options.json:
            command += ["--json", str(options.json)]
        sys.exit(subprocess.call(command))
    types = read_types()
    actions = read_actions()
    header = {
        "cfn-lint": CFN_LINT,
        "@aws-cdk/aws-service-spec": SERVICE_SPEC,
        "types": len(types),
        "actions": sum(len(service["a"]) + len(service["n"]) for service in actions.values()),
    }
    DATA.mkdir(parents=True, exist_ok=True)
    (DATA / "schemas.bin").write_bytes(pack(header, {name: minify(schema) for name, schema in types.items()}))
    (DATA / "actions.bin").write_bytes(pack(header, {name: minify(item) for name, item in actions.items()}))
    if options.json:
        options.json.mkdir(parents=True, exist_ok=True)
        (options.json / "types.json").write_text(json.dumps(types, indent=1, sort_keys=True))
        (options.json / "actions.json").write_text(json.dumps(actions, indent=1, sort_keys=True))
    for name in ("schemas.bin", "actions.bin"):
        print(f"{name}: {(DATA / name).stat().st_size} bytes")
    print(json.dumps(header))


# --- Sources ---------------------------------------------------------------------------------


def install():
    environment = TOOLS / "venv"
    python = environment / "bin" / "python"
    if not python.exists():
        subprocess.check_call([sys.executable, "-m", "venv", str(environment)])
    query = "import importlib.metadata as m; print(m.version('cfn-lint'))"
    found = subprocess.run([str(python), "-c", query], capture_output=True, text=True).stdout.strip()
    if found != CFN_LINT:
        subprocess.check_call([str(python), "-m", "pip", "install", "--quiet", f"cfn-lint=={CFN_LINT}"])
    folder = TOOLS / "npm"
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"aws-cdk-aws-service-spec-{SERVICE_SPEC}.tgz"
    if not archive.exists():
        package = f"@aws-cdk/aws-service-spec@{SERVICE_SPEC}"
        subprocess.check_call(["npm", "pack", "--silent", package], cwd=folder, stdout=subprocess.DEVNULL)
    subprocess.check_call(["tar", "xzf", archive.name], cwd=folder)
    return python


def registry():
    """Yields name, registry schema and attributes of every AWS type, us-east-1's version first."""
    import cfnlint
    from cfnlint.schema import Schema

    folder = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas"
    files = {}
    regions = sorted((folder / "providers").glob("*.json"), key=lambda path: (path.stem != "us-east-1", path.stem))
    for region in regions:
        for name, digest in json.loads(region.read_text()).items():
            files.setdefault(name, digest)
    for name in sorted(files):
        if name.startswith("AWS::"):
            schema = json.loads((folder / "resources" / f"{files[name]}.json").read_text())
            yield name, schema, attributes(Schema(json.loads(json.dumps(schema))))


def attributes(schema):
    found = {}
    for name, pointer in schema.get_atts.data.items():
        # The few that are patterns: `Outputs\\..*` of a nested stack and `.*` of a custom resource.
        pattern = "\\" in name or name == ".*"
        found[name.replace("\\.", ".").replace(".*", "*").replace("..", ".") if pattern else name] = pointer
    return found


def stateful_types():
    specs = importlib.import_module("cfnlint.data.AdditionalSpecs")
    path = pathlib.Path(specs.__file__).parent / "StatefulResources.json"
    return set(json.loads(path.read_text())["ResourceTypes"])


def service_spec():
    with gzip.open(TOOLS / "npm" / "package" / "db.json.gz") as file:
        schema = json.load(file)["schema"]
    definitions = {item["$id"]: item for item in schema["typeDefinition"]["entities"]}
    resources = {item["cloudFormationType"]: item for item in schema["resource"]["entities"]}
    return resources, definitions


# --- Types -----------------------------------------------------------------------------------


def read_types():
    stateful = stateful_types()
    resources, definitions = service_spec()
    types = {}
    for name, schema, found in registry():
        types[name] = compact(name, schema, found, resources.get(name), definitions, name in stateful)
    return types


def compact(name, schema, found, spec, definitions, stateful):
    out = {"p": {key: trim(value) for key, value in schema.get("properties", {}).items()}}
    reachable = {}
    pending = list(references(out["p"]))
    while pending:
        wanted = pending.pop()
        if wanted in reachable:
            continue
        definition = trim(schema.get("definitions", {}).get(wanted, {}))
        reachable[wanted] = definition
        pending += references(definition)
    out["d"] = reachable
    out["req"] = schema.get("required", [])
    registry_only = paths(schema.get("createOnlyProperties"))
    conditional = paths(schema.get("conditionalCreateOnlyProperties"))
    disagree = disagreements(schema, registry_only, conditional, spec)
    out["co"] = sorted(path for path in registry_only if path not in disagree)
    out["cc"] = sorted(path for path in conditional if path not in disagree)
    out["ck"] = sorted(disagree)
    out["ro"] = paths(schema.get("readOnlyProperties"))
    out["wo"] = paths(schema.get("writeOnlyProperties"))
    out["dep"] = paths(schema.get("deprecatedProperties"))
    out["pid"] = paths(schema.get("primaryIdentifier"))
    if spec and len(out["pid"]) > 1:
        identifier = spec.get("cfnRefIdentifier") or []
        out["pid"] = identifier if len(identifier) == 1 else out["pid"]
    out["att"] = {attribute: attribute_type(pointer, schema) for attribute, pointer in sorted(found.items())}
    for key, source in (("xor", "requiredXor"), ("or", "requiredOr"), ("dx", "dependentExcluded"),
                        ("dr", "dependentRequired")):
        out[key] = schema.get(source)
    out["st"] = stateful or None
    out["rel"] = relations(spec, definitions) if spec else {}
    out["open"] = 1 if schema.get("additionalProperties", True) is not False else None
    out["rs"] = schema.get("replacementStrategy")
    return {key: value for key, value in out.items() if value not in (None, [], {})}


# Only what the linter reads; descriptions, handlers and links are most of the registry's bytes.
# Short names because the text is read when a type is asked for (README.md lists them).
KEYWORDS = {
    "enum": "e", "enumCaseInsensitive": "ei", "const": "k", "pattern": "x", "format": "f",
    "minLength": "l", "maxLength": "L", "minimum": "m", "maximum": "M", "minItems": "c",
    "maxItems": "C", "minProperties": "q", "maxProperties": "Q", "required": "r",
}
KINDS = {"string": "s", "object": "o", "array": "a", "integer": "i", "number": "n", "boolean": "b", "null": "z"}


def trim(schema):
    """Returns a JSON schema with the keywords that are read."""
    if schema is True or schema is False:
        # Nothing in the registry's schemas forbids a property this way; `true` says nothing.
        return {}
    out = {short: schema[key] for key, short in KEYWORDS.items() if key in schema}
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds:
        out["t"] = "".join(sorted(KINDS[kind] for kind in kinds))
    if schema.get("insertionOrder") is False:
        out["o"] = 1
    if schema.get("uniqueItems"):
        out["u"] = 1
    # Closed is the rule for objects that list properties; what is open is marked.
    extra = schema.get("additionalProperties", True)
    if isinstance(extra, dict) and extra:
        out["a"] = trim(extra)
    elif extra is not False and (schema.get("properties") or schema.get("patternProperties")):
        out["a"] = {}
    if "$ref" in schema:
        out["$ref"] = schema["$ref"].rsplit("/", 1)[-1]
        if schema["$ref"].startswith("#/properties/"):
            out["$ref"] = "#" + out["$ref"]
    if isinstance(schema.get("items"), dict):
        out["i"] = trim(schema["items"])
    for key, short in (("properties", "p"), ("patternProperties", "pp")):
        if schema.get(key):
            out[short] = {name: trim(value) for name, value in schema[key].items()}
    for key, short in (("anyOf", "any"), ("oneOf", "one"), ("allOf", "all")):
        if key in schema:
            out[short] = [trim(item) for item in schema[key]]
    for key, short in (("requiredXor", "xor"), ("requiredOr", "or"), ("dependentExcluded", "dx"),
                       ("dependentRequired", "dr")):
        if schema.get(key):
            out[short] = schema[key]
    return out


def references(schema):
    if isinstance(schema, dict):
        for key, value in schema.items():
            if key == "$ref" and isinstance(value, str) and not value.startswith("#"):
                yield value
            else:
                yield from references(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from references(value)


def paths(pointers):
    """`/properties/A/*/B` → `A.B`: list items are left out."""
    out = []
    for pointer in pointers or []:
        parts = [part for part in pointer.split("/")[2:] if part not in ("*", "items", "properties")]
        if parts and ".".join(parts) not in out:
            out.append(".".join(parts))
    return out


def disagreements(schema, create_only, conditional, spec):
    """Properties of which the two sources say different things: they may replace."""
    if not spec:
        return set()
    found = set()
    read_only = set(paths(schema.get("readOnlyProperties")))
    for name, item in spec.get("properties", {}).items():
        if name not in schema.get("properties", {}) or name in read_only:
            continue
        nested = [path for path in create_only + conditional if path.startswith(name + ".")]
        ours = "yes" if name in create_only else "maybe" if name in conditional else "no"
        theirs = item.get("causesReplacement", "no")
        if nested and ours == "no":
            # Only a part of it replaces; the part is listed.
            continue
        if ours != theirs:
            found.add(name)
    return found


def attribute_type(pointer, schema):
    """Returns the letter of an attribute's JSON type, none where the schema does not say."""
    node = {"properties": schema.get("properties", {})}
    for part in pointer.split("/")[2:]:
        node = resolve(node, schema)
        node = node.get("items", {}) if part == "*" else node.get("properties", {}).get(part, {})
    kind = resolve(node, schema).get("type")
    return KINDS.get(kind, "") if isinstance(kind, str) else ""


def resolve(node, schema):
    for _ in range(8):
        if "$ref" not in node:
            return node
        target = schema
        for part in node["$ref"].split("/")[1:]:
            target = target.get(part, {})
        node = target
    return node


def relations(spec, definitions):
    found = {}

    def walk(properties, prefix, seen):
        for name, item in properties.items():
            path = prefix + name
            if item.get("relationshipRefs"):
                found[path] = sorted({f"{ref['cloudFormationType']}.{ref['propertyName']}" for ref in item["relationshipRefs"]})
            kind = item["type"]
            while kind["type"] in ("array", "map"):
                kind = kind["element"]
            if kind["type"] == "ref":
                identifier = kind["reference"]["$ref"]
                if identifier not in seen and identifier in definitions:
                    walk(definitions[identifier]["properties"], path + ".", seen | {identifier})

    walk(spec.get("properties", {}), "", frozenset())
    return found


# --- IAM actions -----------------------------------------------------------------------------


def read_actions():
    """{service: {a: actions on named resources, n: actions that only work on `*`, r: services in its ARNs}}."""
    specs = importlib.import_module("cfnlint.data.AdditionalSpecs")
    policies = json.loads((pathlib.Path(specs.__file__).parent / "Policies.json").read_text())
    services = {}
    for name, service in sorted(policies.items()):
        arns = set()
        for resource in service.get("Resources", {}).values():
            for arn in resource.get("ARNFormats", []):
                parts = arn.split(":")
                if len(parts) > 2:
                    arns.add(parts[2])
        actions = service.get("Actions", {})
        services[name] = {
            "a": sorted(action for action, about in actions.items() if about.get("Resources")),
            "n": sorted(action for action, about in actions.items() if not about.get("Resources")),
            "r": sorted(arns),
        }
    return services


# --- Packing ---------------------------------------------------------------------------------


def minify(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()


def deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    return packer.compress(data) + packer.flush()


def pack(header, entries):
    """Header line, then the index, then the chunks; see README.md."""
    chunks, lines, current = [], [], b""
    for name in sorted(entries):
        if current and len(current) + len(entries[name]) > CHUNK:
            chunks.append(current)
            current = b""
        lines.append(f"{name}\t{len(chunks)}\t{len(current)}\t{len(entries[name])}\n")
        current += entries[name]
    chunks.append(current)
    packed = [deflate(chunk) for chunk in chunks]
    table, offset = [], 0
    for chunk, raw in zip(packed, chunks):
        table.append(f"{offset}\t{len(chunk)}\t{len(raw)}\n")
        offset += len(chunk)
    index = ("".join(table) + "\n" + "".join(lines)).encode()
    small = deflate(index)
    head = json.dumps(header, sort_keys=True).encode() + b"\n"
    return head + struct.pack("<II", len(small), len(index)) + small + b"".join(packed)


if __name__ == "__main__":
    main()

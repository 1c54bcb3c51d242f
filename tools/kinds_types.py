#!/usr/bin/env python3
"""Writes crates/kinds/data/types.json: the writable properties of the resource types that the
kinds make, from the schemas that cfn-lint carries (MIT-0), and crates/kinds/data/actions.json:
the IAM actions of their services.

Usage: .tools/venv/bin/python tools/kinds_types.py

Shape of a type: `p` properties, `d` definitions, `r` required names. Shape of a property:
"s" text, "i" whole number, "n" number, "b" true or false, "j" anything, "#Name" a definition,
{"i": [least, most]}, {"e": [words]}, {"l": items}, {"m": values}, {"p": properties, "r": [...]}.
"""
import json
import pathlib
import sys

import cfnlint

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = pathlib.Path(cfnlint.__file__).parent / "data"
TYPES = """
AWS::SNS::Topic AWS::S3::Bucket AWS::DynamoDB::Table AWS::KMS::Key AWS::SSM::Parameter
AWS::EFS::FileSystem AWS::Kinesis::Stream AWS::KinesisFirehose::DeliveryStream AWS::RDS::DBCluster
AWS::RDS::DBInstance AWS::ElastiCache::CacheCluster AWS::ElastiCache::ReplicationGroup
AWS::DocDB::DBCluster AWS::DocDB::DBInstance AWS::Neptune::DBCluster AWS::Neptune::DBInstance
AWS::OpenSearchService::Domain AWS::Events::Rule AWS::CloudWatch::Alarm AWS::CloudWatch::CompositeAlarm
AWS::ServiceDiscovery::PrivateDnsNamespace AWS::Route53::HostedZone AWS::CertificateManager::Certificate
AWS::WAFv2::WebACL AWS::Cognito::UserPool AWS::APS::Workspace AWS::CodeGuruProfiler::ProfilingGroup
AWS::ECR::Repository AWS::ECS::Cluster AWS::ElasticLoadBalancingV2::LoadBalancer
""".split()
SERVICES = """
aps cloudwatch codeguru-profiler cognito-idp dynamodb ecr ecs elasticfilesystem es events firehose
kinesis kms logs neptune-db rds s3 secretsmanager sns sqs ssm application-autoscaling
""".split()


def shape(schema, deep=0):
    if not isinstance(schema, dict):
        return "j"
    if "$ref" in schema:
        return "#" + schema["$ref"].rsplit("/", 1)[-1]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = "j" if len([k for k in kind if k != "null"]) != 1 else [k for k in kind if k != "null"][0]
    if "enum" in schema and all(isinstance(v, str) for v in schema["enum"]):
        return {"e": schema["enum"]}
    if kind == "string":
        return "s"
    if kind == "integer":
        if "minimum" in schema and "maximum" in schema:
            return {"i": [schema["minimum"], schema["maximum"]]}
        return "i"
    if kind == "number":
        return "n"
    if kind == "boolean":
        return "b"
    if kind == "array":
        return {"l": shape(schema.get("items", {}))}
    if kind == "object" or "properties" in schema:
        if schema.get("properties"):
            entry = {"p": {k: shape(v) for k, v in sorted(schema["properties"].items())}}
            if schema.get("required"):
                entry["r"] = sorted(schema["required"])
            return entry
        patterns = schema.get("patternProperties")
        if patterns:
            return {"m": shape(next(iter(patterns.values())))}
    return "j"


def references(entry, found):
    if isinstance(entry, str):
        if entry.startswith("#"):
            found.add(entry[1:])
    elif isinstance(entry, dict):
        for value in entry.values():
            references(value, found)


def main():
    region = json.loads((DATA / "schemas/providers/eu-west-1.json").read_text())
    types = {}
    for name in sorted(TYPES):
        schema = json.loads((DATA / f"schemas/resources/{region[name]}.json").read_text())
        hidden = {p.split("/")[2] for p in schema.get("readOnlyProperties", []) if p.count("/") == 2}
        properties = {k: shape(v) for k, v in sorted(schema["properties"].items()) if k not in hidden}
        definitions, pending = {}, set()
        for entry in properties.values():
            references(entry, pending)
        while pending:
            wanted = pending.pop()
            if wanted in definitions:
                continue
            definitions[wanted] = shape(schema["definitions"][wanted])
            references(definitions[wanted], pending)
        types[name] = {"p": properties, "d": dict(sorted(definitions.items())), "r": sorted(schema.get("required", []))}
    write("types.json", types)
    policies = json.loads((DATA / "AdditionalSpecs/Policies.json").read_text())
    write("actions.json", {s: sorted(policies[s]["Actions"]) for s in SERVICES})


def write(name, data):
    path = ROOT / "crates/kinds/data" / name
    lines = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in data.items())
    path.write_text("{\n" + lines + "\n}\n")
    print(path.relative_to(ROOT), path.stat().st_size, file=sys.stderr)


main()

#!/usr/bin/env python3
"""Holds every answer of the fake of AWS (crates/testkit) against botocore's own models.

Starts target/debug/fake-aws, calls every operation through boto3, and checks for each answer that
  - boto3 parses it,
  - every field that the model requires is there, and those that a client of ours reads,
  - every field has a name, a type and, where it is an enumeration, a value of the model.
Run it with the interpreter of .tools/venv: ./test does.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
FAKE = Path(os.environ.get("FAKE_AWS", ROOT / "target/debug/fake-aws"))

# Every operation that the fake has, with the fields of its answer that a client of ours reads. A
# `[]` is each item of a list, which must have one.
OPERATIONS = {
    "cloudformation": {
        "CreateChangeSet": ["Id", "StackId"],
        "DescribeChangeSet": [
            "ChangeSetId", "Status", "ExecutionStatus", "StackId", "Changes[].Type",
            "Changes[].ResourceChange.Action", "Changes[].ResourceChange.LogicalResourceId",
            "Changes[].ResourceChange.ResourceType",
        ],
        "ExecuteChangeSet": [],
        "DeleteChangeSet": [],
        "CreateStack": ["StackId"],
        "UpdateStack": ["StackId"],
        "DescribeStacks": [
            "Stacks[].StackId", "Stacks[].Outputs[].OutputKey", "Stacks[].Outputs[].OutputValue",
            "Stacks[].Tags[].Key", "Stacks[].Parameters[].ParameterKey", "Stacks[].EnableTerminationProtection",
        ],
        "ListStacks": ["StackSummaries[].StackId"],
        "DescribeStackEvents": [
            "StackEvents[].LogicalResourceId", "StackEvents[].ResourceType", "StackEvents[].ResourceStatus",
        ],
        "DescribeEvents": [
            "OperationEvents[].EventId", "OperationEvents[].OperationId", "OperationEvents[].EventType",
            "OperationEvents[].ResourceStatus", "OperationEvents[].Timestamp",
        ],
        "DescribeStackResources": ["StackResources[].PhysicalResourceId"],
        "ListStackResources": ["StackResourceSummaries[].PhysicalResourceId"],
        "GetTemplate": ["TemplateBody"],
        "CancelUpdateStack": [],
        "ContinueUpdateRollback": [],
        "RollbackStack": ["StackId"],
        "UpdateTerminationProtection": ["StackId"],
        "DeleteStack": [],
    },
    "ecs": {
        "DescribeServices": [
            "services[].serviceArn", "services[].taskDefinition", "services[].desiredCount",
            "services[].runningCount", "services[].pendingCount", "services[].deployments[].id",
            "services[].deployments[].status", "services[].deployments[].rolloutState",
            "services[].deployments[].rolloutStateReason", "services[].deployments[].failedTasks",
            "services[].events[].message", "services[].loadBalancers[].targetGroupArn",
            "services[].networkConfiguration.awsvpcConfiguration.subnets[]",
        ],
        "UpdateService": ["service.serviceArn", "service.currentServiceDeployment"],
        "ListServiceDeployments": ["serviceDeployments[].serviceDeploymentArn", "serviceDeployments[].status"],
        "DescribeServiceDeployments": [
            "serviceDeployments[].status", "serviceDeployments[].targetServiceRevision.arn",
            "serviceDeployments[].deploymentCircuitBreaker.failureCount",
        ],
        "StopServiceDeployment": ["serviceDeploymentArn"],
        "ListTasks": ["taskArns[]"],
        "DescribeTasks": [
            "tasks[].taskArn", "tasks[].lastStatus", "tasks[].desiredStatus", "tasks[].healthStatus",
            "tasks[].group", "tasks[].startedBy", "tasks[].taskDefinitionArn", "tasks[].createdAt",
            "tasks[].containers[].name", "tasks[].containers[].image", "tasks[].containers[].lastStatus",
            "tasks[].attachments[].details[].value",
        ],
        "RunTask": ["tasks[].taskArn", "failures"],
        "StopTask": ["task.stoppedReason", "task.stopCode"],
        "DescribeTaskDefinition": [
            "taskDefinition.taskDefinitionArn", "taskDefinition.family", "taskDefinition.revision",
            "taskDefinition.containerDefinitions[].name", "taskDefinition.containerDefinitions[].image",
            "taskDefinition.containerDefinitions[].logConfiguration.options",
        ],
        "ExecuteCommand": ["session.sessionId", "session.streamUrl", "session.tokenValue", "containerArn"],
    },
    "elbv2": {
        "DescribeTargetHealth": ["TargetHealthDescriptions[].TargetHealth.State", "TargetHealthDescriptions[].Target.Id"],
        "DescribeTargetGroups": ["TargetGroups[].TargetGroupArn", "TargetGroups[].TargetGroupName"],
    },
    "logs": {
        "FilterLogEvents": ["events[].message", "events[].timestamp", "events[].logStreamName", "events[].eventId"],
        "GetLogEvents": ["events[].message", "nextForwardToken", "nextBackwardToken"],
        "DescribeLogStreams": ["logStreams[].logStreamName", "logStreams[].lastEventTimestamp"],
    },
    "ssm": {
        "PutParameter": ["Version"],
        "GetParameters": ["Parameters[].Name", "Parameters[].Value", "InvalidParameters[]"],
        "DescribeParameters": ["Parameters[].Name", "Parameters[].Version"],
        "DeleteParameter": [],
    },
    "secretsmanager": {
        "CreateSecret": ["ARN", "Name", "VersionId"],
        "PutSecretValue": ["ARN", "VersionId", "VersionStages[]"],
        "DescribeSecret": ["ARN", "Name", "VersionIdsToStages"],
        "DeleteSecret": ["ARN", "DeletionDate"],
    },
    "sts": {
        "GetCallerIdentity": ["Account", "Arn", "UserId"],
        "AssumeRole": ["Credentials.AccessKeyId", "AssumedRoleUser.Arn"],
    },
    "s3": {
        "CreateBucket": [],
        "PutObject": ["ETag"],
        "GetObject": ["ETag", "ContentLength", "LastModified"],
        "HeadObject": ["ETag", "ContentLength"],
        "ListObjectsV2": ["Contents[].Key", "Contents[].ETag", "KeyCount", "IsTruncated"],
        "DeleteObject": [],
    },
    "ecr": {
        "GetAuthorizationToken": ["authorizationData[].authorizationToken", "authorizationData[].proxyEndpoint"],
        "DescribeImages": ["imageDetails[].imageDigest", "imageDetails[].imageTags[]"],
        "BatchGetImage": ["images[].imageManifest", "images[].imageId.imageDigest", "failures[].failureCode"],
    },
    "scheduler": {
        "ListSchedules": ["Schedules[].Name", "Schedules[].State"],
        "GetSchedule": [
            "ScheduleExpression", "State", "Target.Arn", "Target.RoleArn", "Target.EcsParameters.TaskDefinitionArn",
            "Target.EcsParameters.NetworkConfiguration.awsvpcConfiguration.Subnets[]", "FlexibleTimeWindow.Mode",
        ],
        "UpdateSchedule": ["ScheduleArn"],
    },
}

# In events the stack itself is a resource, and has the statuses of stacks: those that the model's
# enumeration of resource statuses lacks are seen on AWS all the same.
STACK_STATUSES = {
    "REVIEW_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
}

# What is in an answer beside the operation's output.
ENVELOPE = {"ResponseMetadata"}


class Checker:
    """Counts what is right and what is wrong."""

    def __init__(self):
        self.passed = 0
        self.failures = []
        self.seen = set()
        self.raw = {}

    def check(self, what, fine, detail=""):
        if fine:
            self.passed += 1
        else:
            self.failures.append(f"{what}: {detail}" if detail else what)

    def capture(self, service):
        def keep(operation_model, response_dict, **_):
            self.raw[(service, operation_model.name)] = response_dict["body"]

        return keep

    def answer(self, service, client, operation, parsed):
        """Checks an answer against the model."""
        model = client.meta.service_model.operation_model(operation)
        self.seen.add((service, operation))
        name = f"{service}.{operation}"
        problems = []
        if model.output_shape is not None:
            body = {key: value for key, value in parsed.items() if key not in ENVELOPE}
            validate(model.output_shape, body, "", problems)
            problems += unknown(service, model, self.raw.get((service, operation)))
        self.check(f"{name} fits the model", not problems, "; ".join(problems[:8]))
        for path in OPERATIONS[service][operation]:
            self.check(f"{name} has {path}", has(parsed, path), "missing")

    def refused(self, name, code, call):
        """Checks that a call is refused with a code that the client understands."""
        try:
            call()
        except ClientError as error:
            found = error.response["Error"]["Code"]
            self.check(name, re.fullmatch(code, found), f"{found} instead of {code}")
        else:
            self.check(name, False, "was not refused")


def validate(shape, value, path, problems):
    """Checks types, required members and enumerations."""
    kind = shape.type_name
    if value is None:
        problems.append(f"{path} is null")
    elif kind == "structure":
        for member in shape.required_members:
            if member not in value:
                problems.append(f"{path}.{member} is missing")
        for member, inner in value.items():
            if member not in shape.members:
                problems.append(f"{path}.{member} is not in the model")
            else:
                validate(shape.members[member], inner, f"{path}.{member}", problems)
    elif kind == "list":
        for item in value:
            validate(shape.member, item, f"{path}[]", problems)
    elif kind == "map":
        for inner in value.values():
            validate(shape.value, inner, f"{path}{{}}", problems)
    elif kind == "string":
        enum = getattr(shape, "enum", [])
        if not isinstance(value, str) and not (shape.serialization or hasattr(value, "items")):
            # A policy document or template that botocore has decoded already is fine.
            problems.append(f"{path} is {type(value).__name__} instead of text")
        elif enum and value not in enum and not (shape.name == "ResourceStatus" and value in STACK_STATUSES):
            problems.append(f"{path} is {value!r}, which is none of {enum[:12]}")
    elif kind in ("integer", "long"):
        if isinstance(value, bool) or not isinstance(value, int):
            problems.append(f"{path} is {type(value).__name__} instead of a whole number")
    elif kind == "boolean":
        if not isinstance(value, bool):
            problems.append(f"{path} is {type(value).__name__} instead of a truth value")
    elif kind == "timestamp":
        if not hasattr(value, "isoformat"):
            problems.append(f"{path} is {type(value).__name__} instead of a time")


def unknown(service, model, body):
    """Returns the names in a raw answer that the model does not have: boto3 drops them silently."""
    if not isinstance(body, bytes) or not body:
        return []
    protocol = model.metadata.get("protocol")
    if protocol in ("json", "rest-json"):
        found = []
        names_of_json(model.output_shape, json.loads(body), "", found)
        return found
    root = ElementTree.fromstring(body)
    found = []
    if protocol == "query":
        wrapper = model.output_shape.serialization.get("resultWrapper")
        result = next((child for child in root if plain(child) == wrapper), None)
        if result is None:
            return [f"no <{wrapper}>"]
        names_of_xml(model.output_shape, result, "", found)
    elif service == "s3":
        names_of_xml(model.output_shape, root, "", found, flat=True)
    return found


def names_of_json(shape, value, path, found):
    if shape.type_name == "structure" and isinstance(value, dict):
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for name, inner in value.items():
            if name in names:
                names_of_json(names[name], inner, f"{path}.{name}", found)
            else:
                found.append(f"raw {path}.{name} is not in the model")
    elif shape.type_name == "list" and isinstance(value, list):
        for inner in value:
            names_of_json(shape.member, inner, f"{path}[]", found)


def plain(element):
    return element.tag.rsplit("}", 1)[-1]


def names_of_xml(shape, element, path, found, flat=False):
    if shape.type_name == "structure":
        names = {member.serialization.get("name", name): member for name, member in shape.members.items()}
        for child in element:
            name = plain(child)
            if name not in names:
                found.append(f"raw {path}.{name} is not in the model")
                continue
            member = names[name]
            if flat and member.type_name == "list":
                member = member.member
            names_of_xml(member, child, f"{path}.{name}", found, flat)
    elif shape.type_name == "list":
        for child in element:
            if plain(child) != "member":
                found.append(f"raw {path} has <{plain(child)}> instead of <member>")
            names_of_xml(shape.member, child, f"{path}[]", found, flat)


def has(value, path):
    """Returns whether `a.b[].c` is there; an empty list has no items."""
    head, _, rest = path.partition(".")
    each = head.endswith("[]")
    head = head.removesuffix("[]")
    if not isinstance(value, dict) or head not in value:
        return False
    inner = value[head]
    if each:
        return bool(inner) and all(has(item, rest) if rest else item is not None for item in inner)
    return has(inner, rest) if rest else inner is not None


TEMPLATE = {
    "Parameters": {
        "Image": {"Type": "String", "Default": "shop/web:v1"},
        "Token": {"Type": "String", "NoEcho": "true", "Default": "hidden"},
    },
    "Resources": {
        "Cluster": {"Type": "AWS::ECS::Cluster"},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/shop/web"}},
        "Targets": {"Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": {"Port": 8080, "TargetType": "ip"}},
        "Task": {
            "Type": "AWS::ECS::TaskDefinition",
            "Properties": {
                "Family": "web", "Cpu": 256, "Memory": 512, "NetworkMode": "awsvpc",
                "RequiresCompatibilities": ["FARGATE"],
                "RuntimePlatform": {"CpuArchitecture": "X86_64", "OperatingSystemFamily": "LINUX"},
                "ContainerDefinitions": [{
                    "Name": "web", "Image": {"Ref": "Image"}, "Essential": True, "StopTimeout": "30",
                    "PortMappings": [{"ContainerPort": 8080, "Protocol": "tcp"}],
                    "Environment": [{"Name": "PORT", "Value": "8080"}],
                    "HealthCheck": {"Command": ["CMD", "true"], "Interval": 5, "Timeout": 2, "Retries": 2},
                    "LogConfiguration": {
                        "LogDriver": "awslogs",
                        "Options": {"awslogs-group": {"Ref": "Logs"}, "awslogs-stream-prefix": "web", "awslogs-region": "eu-west-1"},
                    },
                }],
                "Tags": [{"Key": "seaway:app", "Value": "shop"}],
            },
        },
        "Service": {
            "Type": "AWS::ECS::Service",
            "Properties": {
                "Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": "Task"}, "DesiredCount": 2,
                "LaunchType": "FARGATE", "EnableExecuteCommand": True,
                "DeploymentConfiguration": {
                    "MinimumHealthyPercent": 100, "MaximumPercent": 200,
                    "DeploymentCircuitBreaker": {"Enable": True, "Rollback": True},
                },
                "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "DISABLED"}},
                "LoadBalancers": [{"ContainerName": "web", "ContainerPort": 8080, "TargetGroupArn": {"Ref": "Targets"}}],
            },
        },
        "Nightly": {
            "Type": "AWS::Scheduler::Schedule",
            "Properties": {
                "Name": "nightly", "ScheduleExpression": "cron(0 3 * * ? *)", "FlexibleTimeWindow": {"Mode": "OFF"},
                "Target": {
                    "Arn": {"Fn::GetAtt": ["Cluster", "Arn"]}, "RoleArn": "arn:aws:iam::123456789012:role/scheduler",
                    "EcsParameters": {
                        "TaskDefinitionArn": {"Ref": "Task"}, "LaunchType": "FARGATE",
                        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"]}},
                    },
                },
            },
        },
    },
    "Outputs": {"ClusterName": {"Value": {"Ref": "Cluster"}}, "ServiceArn": {"Value": {"Ref": "Service"}}},
}

SIMPLE = {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"Url": {"Value": {"Ref": "Queue"}}}}

SCENARIO = {
    "title": "Every operation once",
    "containers": [{"when": "shop/web:bad", "do": "crash", "exit_code": 3}],
    "images": [{"repository": "shop/web", "tags": ["v1"], "architecture": "arm64"}],
    "failures": [{"stack": "stays", "resource": "Queue", "during": "apply", "reason": "no more queues"}],
    "stacks": [
        {"name": "updating", "status": "UPDATE_IN_PROGRESS", "template": SIMPLE},
        {
            "name": "stuck", "status": "UPDATE_ROLLBACK_FAILED", "template": SIMPLE,
            "resources": {"Queue": {"status": "UPDATE_FAILED", "reason": "gone"}},
        },
    ],
}

# The 23 statuses of a stack, from the model itself.
INLINE_LIMIT = 51200


class Run:
    """Calls operations of the fake through boto3."""

    def __init__(self, url, checker):
        self.checker = checker
        self.url = url
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            client = boto3.client(
                service, endpoint_url=self.url, region_name="eu-west-1", aws_access_key_id="AKIAFAKE",
                aws_secret_access_key="fake",
                config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=True),
            )
            client.meta.events.register(f"before-parse.{client.meta.service_model.service_id.hyphenize()}.*", self.checker.capture(service))
            self.clients[service] = client
        return self.clients[service]

    def call(self, service, operation, /, **parameters):
        client = self.client(service)
        method = boto3_name(client, operation)
        parsed = getattr(client, method)(**parameters)
        self.checker.answer(service, client, operation, parsed)
        return parsed

    def until(self, what, look, wanted, limit=200):
        found = None
        for _ in range(limit):
            found = look()
            if found in wanted:
                break
        self.checker.check(what, found in wanted, f"{found} instead of {wanted}")

    def stack_status(self, name):
        return self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]


def boto3_name(client, operation):
    return next(method for method, name in client.meta.method_to_api_mapping.items() if name == operation)


def stacks(run, checker):
    cfn = run.client("cloudformation")
    body = json.dumps(TEMPLATE)
    tags = [{"Key": "seaway:app", "Value": "shop"}]
    checker.refused("no such stack", "ValidationError", lambda: cfn.describe_stacks(StackName="none"))
    checker.refused(
        "a change set of no stack", "ValidationError",
        lambda: cfn.create_change_set(StackName="none", ChangeSetName="x", TemplateBody=body),
    )
    checker.refused(
        "a long template", "ValidationError",
        lambda: cfn.create_change_set(
            StackName="long", ChangeSetName="x", ChangeSetType="CREATE",
            TemplateBody=json.dumps({**TEMPLATE, "Description": "x" * INLINE_LIMIT}),
        ),
    )
    run.call(
        "cloudformation", "CreateChangeSet", StackName="web", ChangeSetName="first", ChangeSetType="CREATE",
        TemplateBody=body, Tags=tags, Capabilities=["CAPABILITY_IAM"], Description="the first", OnStackFailure="ROLLBACK",
    )
    look = lambda: cfn.describe_change_set(StackName="web", ChangeSetName="first")["Status"]
    run.until("the change set is ready", look, ["CREATE_COMPLETE"])
    run.call("cloudformation", "DescribeChangeSet", StackName="web", ChangeSetName="first")
    run.call("cloudformation", "ExecuteChangeSet", StackName="web", ChangeSetName="first", ClientRequestToken="t1")
    run.until("the stack is created", lambda: run.stack_status("web"), ["CREATE_COMPLETE"])
    shown = run.call("cloudformation", "DescribeStacks", StackName="web")["Stacks"][0]
    values = {p["ParameterKey"]: p["ParameterValue"] for p in shown["Parameters"]}
    checker.check("NoEcho values are not shown", values["Token"] == "****", values)
    run.call("cloudformation", "ListStacks")
    run.call("cloudformation", "DescribeStackEvents", StackName="web")
    run.call("cloudformation", "DescribeEvents", StackName="web")
    run.call("cloudformation", "DescribeStackResources", StackName="web")
    run.call("cloudformation", "ListStackResources", StackName="web")
    template = run.call("cloudformation", "GetTemplate", StackName="web")["TemplateBody"]
    checker.check("the template is what was sent", template == TEMPLATE or template == body)
    run.call("cloudformation", "UpdateTerminationProtection", StackName="web", EnableTerminationProtection=True)
    checker.refused("a protected stack", "ValidationError", lambda: cfn.delete_stack(StackName="web"))
    cfn.update_termination_protection(StackName="web", EnableTerminationProtection=False)
    # Nothing changed.
    cfn.create_change_set(StackName="web", ChangeSetName="same", TemplateBody=body, Tags=tags)
    look = lambda: cfn.describe_change_set(StackName="web", ChangeSetName="same")["Status"]
    run.until("an empty change set fails", look, ["FAILED"])
    reason = cfn.describe_change_set(StackName="web", ChangeSetName="same")["StatusReason"]
    checker.check("and says why", "didn't contain changes" in reason, reason)
    checker.refused(
        "it cannot be executed", "InvalidChangeSetStatus",
        lambda: cfn.execute_change_set(StackName="web", ChangeSetName="same"),
    )
    run.call("cloudformation", "DeleteChangeSet", StackName="web", ChangeSetName="same")
    checker.refused(
        "a change set that is gone", "ChangeSetNotFound",
        lambda: cfn.describe_change_set(StackName="web", ChangeSetName="same"),
    )
    checker.refused(
        "no updates", "ValidationError",
        lambda: cfn.update_stack(StackName="web", TemplateBody=body, Tags=tags),
    )


def stacks_that_fail(run, checker):
    cfn = run.client("cloudformation")
    run.call("cloudformation", "CreateStack", StackName="stays", TemplateBody=json.dumps(SIMPLE), DisableRollback=True)
    run.until("a failed creation stays", lambda: run.stack_status("stays"), ["CREATE_FAILED"])
    failed = cfn.describe_events(StackName="stays", Filters={"FailedEvents": True})["OperationEvents"]
    checker.check("the root cause alone", [event["LogicalResourceId"] for event in failed] == ["Queue"], failed)
    run.call("cloudformation", "RollbackStack", StackName="stays")
    run.until("and goes back", lambda: run.stack_status("stays"), ["ROLLBACK_COMPLETE"])
    run.call("cloudformation", "DeleteStack", StackName="stays")
    run.call("cloudformation", "CancelUpdateStack", StackName="updating")
    run.until("a cancelled update goes back", lambda: run.stack_status("updating"), ["UPDATE_ROLLBACK_COMPLETE"])
    changed = {**SIMPLE, "Description": "changed", "Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"DelaySeconds": 5}}}}
    run.call("cloudformation", "UpdateStack", StackName="updating", TemplateBody=json.dumps(changed))
    run.until("an update", lambda: run.stack_status("updating"), ["UPDATE_COMPLETE"])
    run.call("cloudformation", "ContinueUpdateRollback", StackName="stuck", ResourcesToSkip=["Queue"])
    run.until("a roll-back continues", lambda: run.stack_status("stuck"), ["UPDATE_ROLLBACK_COMPLETE"])


def services(run, checker):
    ecs = run.client("ecs")
    outputs = run.client("cloudformation").describe_stacks(StackName="web")["Stacks"][0]["Outputs"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in outputs}
    cluster, service = outputs["ClusterName"], outputs["ServiceArn"]
    found = run.call("ecs", "DescribeServices", cluster=cluster, services=[service, "none"])
    checker.check("a service that is not there", [f["reason"] for f in found["failures"]] == ["MISSING"], found["failures"])
    checker.check("two tasks run", found["services"][0]["runningCount"] == 2)
    run.call("ecs", "DescribeTaskDefinition", taskDefinition="web", include=["TAGS"])
    tasks = run.call("ecs", "ListTasks", cluster=cluster, serviceName=service)["taskArns"]
    run.call("ecs", "DescribeTasks", cluster=cluster, tasks=tasks)
    run.call("ecs", "ExecuteCommand", cluster=cluster, task=tasks[0], container="web", command="sh", interactive=True)
    groups = run.call("elbv2", "DescribeTargetGroups")["TargetGroups"]
    arn = groups[0]["TargetGroupArn"]
    health = run.call("elbv2", "DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    checker.check("both targets are healthy", [h["TargetHealth"]["State"] for h in health] == ["healthy"] * 2, health)
    checker.refused("no target group", "TargetGroupNotFound", lambda: run.client("elbv2").describe_target_health(TargetGroupArn="arn:x"))
    updated = run.call("ecs", "UpdateService", cluster=cluster, service=service, forceNewDeployment=True)
    deployments = run.call("ecs", "ListServiceDeployments", cluster=cluster, service=service)["serviceDeployments"]
    newest = deployments[0]["serviceDeploymentArn"]
    checker.check("the newest deployment first", newest == updated["service"]["currentServiceDeployment"])
    run.call("ecs", "DescribeServiceDeployments", serviceDeploymentArns=[newest])
    run.call("ecs", "StopServiceDeployment", serviceDeploymentArn=newest, stopType="ROLLBACK")
    look = lambda: ecs.describe_service_deployments(serviceDeploymentArns=[newest])["serviceDeployments"][0]["status"]
    run.until("a stopped deployment goes back", look, ["ROLLBACK_SUCCESSFUL"])
    run.call("ecs", "DescribeServiceDeployments", serviceDeploymentArns=[newest])
    started = run.call(
        "ecs", "RunTask", cluster=cluster, taskDefinition="web", launchType="FARGATE", startedBy="check",
        networkConfiguration={"awsvpcConfiguration": {"subnets": ["subnet-1"]}}, clientToken="once",
        overrides={"containerOverrides": [{"name": "web", "command": ["migrate"]}]},
    )
    again = ecs.run_task(cluster=cluster, taskDefinition="web", clientToken="once")
    task = started["tasks"][0]["taskArn"]
    checker.check("a client token makes one task", again["tasks"][0]["taskArn"] == task)
    look = lambda: ecs.describe_tasks(cluster=cluster, tasks=[task])["tasks"][0]["lastStatus"]
    run.until("the task ends", look, ["STOPPED"])
    ended = run.call("ecs", "DescribeTasks", cluster=cluster, tasks=[task])["tasks"][0]
    checker.check("with its exit code", ended["containers"][0]["exitCode"] == 0, ended["containers"])
    other = ecs.run_task(cluster=cluster, taskDefinition="web")["tasks"][0]["taskArn"]
    run.call("ecs", "StopTask", cluster=cluster, task=other, reason="enough")
    checker.refused("no such task definition", "ClientException", lambda: ecs.run_task(cluster=cluster, taskDefinition="none"))
    checker.refused("no such cluster", "ClusterNotFoundException", lambda: ecs.list_tasks(cluster="none"))
    checker.refused("no such service", "ServiceNotFoundException", lambda: ecs.update_service(cluster=cluster, service="none"))
    run.call("logs", "FilterLogEvents", logGroupName="/shop/web", logStreamNamePrefix="web/", startTime=0)
    streams = run.call("logs", "DescribeLogStreams", logGroupName="/shop/web", orderBy="LastEventTime", descending=True)
    run.call("logs", "GetLogEvents", logGroupName="/shop/web", logStreamName=streams["logStreams"][0]["logStreamName"], startFromHead=True)
    checker.refused("no log group", "ResourceNotFoundException", lambda: run.client("logs").filter_log_events(logGroupName="/none"))
    crash(run, checker, cluster, service)


def crash(run, checker, cluster, service):
    """An update whose tasks crash: back it goes, and the answers then fit, too."""
    cfn, ecs = run.client("cloudformation"), run.client("ecs")
    cfn.create_change_set(
        StackName="web", ChangeSetName="bad", UsePreviousTemplate=True,
        Parameters=[{"ParameterKey": "Image", "ParameterValue": "shop/web:bad"}, {"ParameterKey": "Token", "UsePreviousValue": True}],
        Tags=[{"Key": "seaway:app", "Value": "shop"}],
    )
    run.until("the change set is ready", lambda: cfn.describe_change_set(StackName="web", ChangeSetName="bad")["Status"], ["CREATE_COMPLETE"])
    changes = run.call("cloudformation", "DescribeChangeSet", StackName="web", ChangeSetName="bad")["Changes"]
    replaced = {c["ResourceChange"]["LogicalResourceId"]: c["ResourceChange"].get("Replacement") for c in changes}
    checker.check(
        "the task definition is replaced, the service and the schedule change",
        replaced == {"Task": "True", "Service": "False", "Nightly": "False"}, replaced,
    )
    cfn.execute_change_set(StackName="web", ChangeSetName="bad")
    run.until("the deployment fails", lambda: ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED", serviceName=service)["taskArns"] != [], [True])
    run.call("ecs", "DescribeServices", cluster=cluster, services=[service])
    run.until("the stack goes back", lambda: run.stack_status("web"), ["UPDATE_ROLLBACK_COMPLETE"])
    stopped = ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED", serviceName=service)["taskArns"]
    tasks = run.call("ecs", "DescribeTasks", cluster=cluster, tasks=stopped)["tasks"]
    codes = [c.get("exitCode") for task in tasks for c in task["containers"] if task.get("stopCode") == "EssentialContainerExited"]
    checker.check("tasks with exit code 3", 3 in codes, codes)
    failed = run.call("cloudformation", "DescribeEvents", StackName="web", Filters={"FailedEvents": True})["OperationEvents"]
    checker.check("the service is the root cause", [e["LogicalResourceId"] for e in failed] == ["Service"], failed)


def the_others(run, checker):
    run.call("ssm", "PutParameter", Name="/shop/prod/KEY", Value="hunter2", Type="SecureString")
    ssm = run.client("ssm")
    checker.refused("a parameter that is there", "ParameterAlreadyExists", lambda: ssm.put_parameter(Name="/shop/prod/KEY", Value="x"))
    found = run.call("ssm", "GetParameters", Names=["/shop/prod/KEY", "/none"], WithDecryption=True)
    checker.check("the value comes back", found["Parameters"][0]["Value"] == "hunter2")
    run.call("ssm", "DescribeParameters", ParameterFilters=[{"Key": "Name", "Option": "BeginsWith", "Values": ["/shop/"]}])
    run.call("ssm", "DeleteParameter", Name="/shop/prod/KEY")
    checker.refused("a parameter that is gone", "ParameterNotFound", lambda: ssm.delete_parameter(Name="/shop/prod/KEY"))

    secrets = run.client("secretsmanager")
    run.call("secretsmanager", "CreateSecret", Name="shop/prod/db", SecretString="one")
    run.call("secretsmanager", "PutSecretValue", SecretId="shop/prod/db", SecretString="two")
    described = run.call("secretsmanager", "DescribeSecret", SecretId="shop/prod/db")
    stages = sorted(stage for stages in described["VersionIdsToStages"].values() for stage in stages)
    checker.check("two versions", stages == ["AWSCURRENT", "AWSPREVIOUS"], stages)
    checker.refused("a secret that is there", "ResourceExistsException", lambda: secrets.create_secret(Name="shop/prod/db"))
    run.call("secretsmanager", "DeleteSecret", SecretId="shop/prod/db", ForceDeleteWithoutRecovery=True)
    checker.refused("a secret that is gone", "ResourceNotFoundException", lambda: secrets.describe_secret(SecretId="shop/prod/db"))

    run.call("sts", "GetCallerIdentity")
    role = run.call("sts", "AssumeRole", RoleArn="arn:aws:iam::210987654321:role/deploy", RoleSessionName="seaway")["Credentials"]
    other = boto3.client(
        "sts", endpoint_url=run.url, region_name="eu-west-1", aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"], aws_session_token=role["SessionToken"],
    )
    checker.check("the role's account", other.get_caller_identity()["Account"] == "210987654321")

    s3 = run.client("s3")
    run.call("s3", "CreateBucket", Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    tag = run.call("s3", "PutObject", Bucket="artifacts", Key="locks/shop prod.json", Body=b"{}", IfNoneMatch="*", Metadata={"owner": "me"})["ETag"]
    checker.refused(
        "a lock that is held", "PreconditionFailed",
        lambda: s3.put_object(Bucket="artifacts", Key="locks/shop prod.json", Body=b"{}", IfNoneMatch="*"),
    )
    checker.refused(
        "a lock that changed", "PreconditionFailed",
        lambda: s3.put_object(Bucket="artifacts", Key="locks/shop prod.json", Body=b"{}", IfMatch='"0"'),
    )
    s3.put_object(Bucket="artifacts", Key="locks/shop prod.json", Body=io.BytesIO(b"{1}"), IfMatch=tag)
    got = run.call("s3", "GetObject", Bucket="artifacts", Key="locks/shop prod.json")
    checker.check("the object comes back", got["Body"].read() == b"{1}")
    run.call("s3", "HeadObject", Bucket="artifacts", Key="locks/shop prod.json")
    checker.refused("no object", "404", lambda: s3.head_object(Bucket="artifacts", Key="none"))
    checker.refused("no object", "NoSuchKey", lambda: s3.get_object(Bucket="artifacts", Key="none"))
    checker.refused("no bucket", "NoSuchBucket", lambda: s3.put_object(Bucket="none", Key="x", Body=b""))
    run.call("s3", "ListObjectsV2", Bucket="artifacts", Prefix="locks/")
    # A template from the bucket.
    s3.put_object(Bucket="artifacts", Key="templates/web.json", Body=json.dumps(SIMPLE).encode())
    created = run.call("cloudformation", "CreateStack", StackName="uploaded", TemplateURL="https://artifacts.s3.eu-west-1.amazonaws.com/templates/web.json")
    checker.check("a template from a bucket", ":stack/uploaded/" in created["StackId"])
    run.call("s3", "DeleteObject", Bucket="artifacts", Key="locks/shop prod.json")

    run.call("ecr", "GetAuthorizationToken")
    run.call("ecr", "DescribeImages", repositoryName="shop/web", imageIds=[{"imageTag": "v1"}])
    images = run.call("ecr", "BatchGetImage", repositoryName="shop/web", imageIds=[{"imageTag": "v1"}, {"imageTag": "gone"}])
    checker.check("the architecture", "arm64" in images["images"][0]["imageManifest"])
    ecr = run.client("ecr")
    checker.refused("no image", "ImageNotFoundException", lambda: ecr.describe_images(repositoryName="shop/web", imageIds=[{"imageTag": "gone"}]))
    checker.refused("no repository", "RepositoryNotFoundException", lambda: ecr.describe_images(repositoryName="none"))

    run.call("scheduler", "ListSchedules", NamePrefix="night")
    schedule = run.call("scheduler", "GetSchedule", Name="nightly")
    run.call(
        "scheduler", "UpdateSchedule", Name="nightly", State="DISABLED",
        **{key: schedule[key] for key in ("ScheduleExpression", "FlexibleTimeWindow", "Target")},
    )
    checker.check("the schedule is off", run.client("scheduler").get_schedule(Name="nightly")["State"] == "DISABLED")
    checker.refused("no schedule", "ResourceNotFoundException", lambda: run.client("scheduler").get_schedule(Name="none"))


def faults(run, checker):
    """Errors in every protocol are what boto3 takes them for."""
    import urllib.request

    def put(fault):
        urllib.request.urlopen(f"{run.url}/_fake/fault", data=json.dumps(fault).encode()).read()

    calls = {
        "cloudformation": lambda: run.client("cloudformation").list_stacks(),
        "ecs": lambda: run.client("ecs").list_tasks(),
        "scheduler": lambda: run.client("scheduler").list_schedules(),
        "s3": lambda: run.client("s3").list_objects_v2(Bucket="artifacts"),
    }
    kinds = {
        "throttled": "Throttling|ThrottlingException|SlowDown",
        "internal_error": "InternalFailure|InternalError",
        "unavailable": "ServiceUnavailable|ServiceUnavailableException",
        "access_denied": "AccessDenied|AccessDeniedException",
        "expired_token": "ExpiredToken|ExpiredTokenException",
    }
    for service, call in calls.items():
        for kind, code in kinds.items():
            put({"kind": kind})
            checker.refused(f"{service} {kind}", code, call)
        put({"kind": "reset"})
        try:
            call()
        except Exception as error:  # noqa: BLE001 - any error of the connection
            checker.check(f"{service} reset", "Connection" in type(error).__name__, repr(error))
        else:
            checker.check(f"{service} reset", False, "was answered")


def all_statuses(checker):
    """Every status that a stack can have, as an initial stack, is shown."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("cloudformation")
    statuses = model.shape_for("StackStatus").enum
    names = {status: status.lower().replace("_", "-") for status in statuses}
    scenario = {"stacks": [{"name": name, "status": status, "template": SIMPLE} for status, name in names.items()]}
    with Fake(scenario) as url:
        run = Run(url, checker)
        listed = {s["StackName"]: s for s in run.call("cloudformation", "ListStacks")["StackSummaries"]}
        for status, name in names.items():
            found = run.call_status(listed[name]["StackId"])
            checker.check(f"a stack in {status}", found == status, found)


def call_status(self, stack_id):
    """Returns a stack's status by its id: a deleted one has no name any more."""
    return self.client("cloudformation").describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"]


Run.call_status = call_status


class Fake:
    """The fake as a process, which ends with its standard input."""

    def __init__(self, scenario):
        self.scenario = scenario

    def __enter__(self):
        self.file = tempfile.NamedTemporaryFile("w", suffix=".json")
        json.dump(self.scenario, self.file)
        self.file.flush()
        self.process = subprocess.Popen(
            [FAKE, "--scenario", self.file.name, "--until-eof"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        first = self.process.stdout.readline()
        if "AWS_ENDPOINT_URL=" not in first:
            raise SystemExit(f"the fake did not start: {first!r}")
        return first.strip().split("=", 1)[1]

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()
        self.file.close()


def main():
    # Nothing of this machine's own configuration.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    checker = Checker()
    with Fake(SCENARIO) as url:
        run = Run(url, checker)
        for part in (stacks, stacks_that_fail, services, the_others, faults):
            try:
                part(run, checker)
            except Exception as error:  # noqa: BLE001 - the other parts are told, too
                checker.check(part.__name__, False, f"stopped by {type(error).__name__}: {error}")
    all_statuses(checker)
    wanted = {(service, operation) for service, operations in OPERATIONS.items() for operation in operations}
    for service, operation in sorted(wanted - checker.seen):
        checker.check(f"{service}.{operation}", False, "was never called")
    bodies = {key for key, body in checker.raw.items() if body}
    checker.check("the raw answers were seen, too", len(bodies) > 40, f"only {len(bodies)}")
    for failure in checker.failures:
        print(f"FAILED: {failure}")
    print(f"{len(wanted)} operations; {checker.passed} passed, {len(checker.failures)} failed")
    return 1 if checker.failures else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""Writes a template with 500 resources of 12 types, for `seaway lint`.

    python3 benches/lint_template.py > /tmp/500.json
    hyperfine -N 'target/release/seaway lint /tmp/500.json'
"""

import json
import sys


def main(groups):
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "SubnetA": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
        "SubnetB": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.1.0/24"}},
        "Cluster": {"Type": "AWS::ECS::Cluster"},
    }
    keep = {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
    tags = [{"Key": "seaway:app", "Value": "bench"}, {"Key": "seaway:env", "Value": "production"}]
    for n in range(groups):
        role = {
            "AssumeRolePolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}],
            },
            "Policies": [{
                "PolicyName": "access",
                "PolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Action": ["sqs:SendMessage", "sqs:ReceiveMessage"], "Resource": {"Fn::GetAtt": [f"Queue{n}", "Arn"]}},
                    {"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:PutItem"], "Resource": {"Fn::GetAtt": [f"Table{n}", "Arn"]}},
                ]},
            }],
            "Tags": tags,
        }
        task = {
            "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
            "ExecutionRoleArn": {"Fn::GetAtt": [f"Role{n}", "Arn"]}, "TaskRoleArn": {"Fn::GetAtt": [f"Role{n}", "Arn"]},
            "ContainerDefinitions": [{
                "Name": "web", "Image": f"example/web{n}:1", "PortMappings": [{"ContainerPort": 8080}],
                "Environment": [{"Name": f"NAME{i}", "Value": {"Fn::Sub": "${AWS::StackName}-" + str(i)}} for i in range(10)],
                "LogConfiguration": {"LogDriver": "awslogs", "Options": {"awslogs-group": {"Ref": f"Logs{n}"}, "awslogs-region": {"Ref": "AWS::Region"}}},
            }],
            "Tags": tags,
        }
        network = {"AwsvpcConfiguration": {"Subnets": [{"Ref": "SubnetA"}, {"Ref": "SubnetB"}], "SecurityGroups": [{"Fn::GetAtt": [f"Group{n}", "GroupId"]}]}}
        alarm = {
            "Namespace": "AWS/SQS", "MetricName": "ApproximateAgeOfOldestMessage", "Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 3,
            "Threshold": 300, "ComparisonOperator": "GreaterThanThreshold", "Dimensions": [{"Name": "QueueName", "Value": {"Fn::GetAtt": [f"Queue{n}", "QueueName"]}}],
        }
        table = {"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "Tags": tags}
        for name, kind, properties, more in [
            ("Logs", "AWS::Logs::LogGroup", {"RetentionInDays": 30, "Tags": tags}, keep),
            ("Role", "AWS::IAM::Role", role, {}),
            ("Group", "AWS::EC2::SecurityGroup", {"GroupDescription": f"tasks {n}", "VpcId": {"Ref": "Vpc"}, "Tags": tags}, {}),
            ("Task", "AWS::ECS::TaskDefinition", task, {}),
            ("Service", "AWS::ECS::Service", {"Cluster": {"Ref": "Cluster"}, "TaskDefinition": {"Ref": f"Task{n}"}, "DesiredCount": 2, "LaunchType": "FARGATE", "NetworkConfiguration": network, "Tags": tags}, {}),
            ("Queue", "AWS::SQS::Queue", {"VisibilityTimeout": 30, "Tags": tags}, keep),
            ("Table", "AWS::DynamoDB::Table", table, keep),
            ("Alarm", "AWS::CloudWatch::Alarm", alarm, {}),
        ]:
            resources[f"{name}{n}"] = {"Type": kind, **more, "Properties": properties}
    json.dump({"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}, sys.stdout, indent=1)


if __name__ == "__main__":
    main(62)

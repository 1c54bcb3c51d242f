//! Verdicts in rows: type, property, what the "Update requires" line of the CloudFormation
//! resource reference says of it.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::Value as Json;
use serde_json::json;

use super::Verdict;
use super::Verdict::Benign;
use super::Verdict::InPlace;
use super::Verdict::MayReplace;
use super::Verdict::Replaces;
use super::diff;
use crate::Template;

const ROWS: &[(&str, &str, Verdict)] = &[
    ("AWS::ApplicationAutoScaling::ScalableTarget", "MaxCapacity", InPlace),
    ("AWS::ApplicationAutoScaling::ScalableTarget", "ResourceId", Replaces),
    ("AWS::AutoScaling::AutoScalingGroup", "AutoScalingGroupName", Replaces),
    ("AWS::AutoScaling::AutoScalingGroup", "MaxSize", InPlace),
    ("AWS::CertificateManager::Certificate", "DomainName", Replaces),
    ("AWS::CertificateManager::Certificate", "Tags", InPlace),
    ("AWS::CloudWatch::Alarm", "AlarmName", Replaces),
    ("AWS::CloudWatch::Alarm", "Threshold", InPlace),
    ("AWS::CodeBuild::Project", "Description", InPlace),
    ("AWS::CodeBuild::Project", "Name", Replaces),
    ("AWS::Cognito::UserPool", "UserPoolName", InPlace),
    ("AWS::DocDB::DBCluster", "BackupRetentionPeriod", InPlace),
    ("AWS::DocDB::DBCluster", "StorageEncrypted", Replaces),
    ("AWS::DynamoDB::Table", "BillingMode", InPlace),
    ("AWS::DynamoDB::Table", "TableName", Replaces),
    ("AWS::EC2::NatGateway", "ConnectivityType", Replaces),
    ("AWS::EC2::NatGateway", "Tags", InPlace),
    ("AWS::EC2::Route", "DestinationCidrBlock", Replaces),
    ("AWS::EC2::Route", "GatewayId", InPlace),
    ("AWS::EC2::RouteTable", "VpcId", Replaces),
    ("AWS::EC2::SecurityGroup", "GroupDescription", Replaces),
    ("AWS::EC2::SecurityGroup", "GroupName", Replaces),
    ("AWS::EC2::SecurityGroup", "SecurityGroupIngress", InPlace),
    ("AWS::EC2::SecurityGroup", "VpcId", Replaces),
    ("AWS::EC2::SecurityGroupIngress", "CidrIp", Replaces),
    ("AWS::EC2::SecurityGroupIngress", "Description", InPlace),
    ("AWS::EC2::Subnet", "AvailabilityZone", Replaces),
    ("AWS::EC2::Subnet", "CidrBlock", Replaces),
    ("AWS::EC2::Subnet", "MapPublicIpOnLaunch", InPlace),
    ("AWS::EC2::VPC", "CidrBlock", Replaces),
    ("AWS::EC2::VPC", "EnableDnsHostnames", InPlace),
    ("AWS::EC2::VPC", "InstanceTenancy", MayReplace),
    ("AWS::EC2::VPCEndpoint", "PolicyDocument", InPlace),
    ("AWS::EC2::VPCEndpoint", "ServiceName", Replaces),
    ("AWS::ECR::Repository", "EncryptionConfiguration.EncryptionType", Replaces),
    ("AWS::ECR::Repository", "ImageTagMutability", InPlace),
    ("AWS::ECR::Repository", "RepositoryName", Replaces),
    ("AWS::ECS::Cluster", "ClusterName", Replaces),
    ("AWS::ECS::Cluster", "ClusterSettings", InPlace),
    ("AWS::ECS::Service", "Cluster", Replaces),
    ("AWS::ECS::Service", "DesiredCount", InPlace),
    ("AWS::ECS::Service", "EnableExecuteCommand", InPlace),
    // The two sources disagree.
    ("AWS::ECS::Service", "LaunchType", MayReplace),
    ("AWS::ECS::Service", "LoadBalancers", InPlace),
    ("AWS::ECS::Service", "SchedulingStrategy", Replaces),
    ("AWS::ECS::Service", "ServiceName", Replaces),
    ("AWS::ECS::Service", "TaskDefinition", InPlace),
    ("AWS::ECS::TaskDefinition", "Cpu", Benign),
    ("AWS::ECS::TaskDefinition", "NetworkMode", Benign),
    ("AWS::ECS::TaskDefinition", "Tags", InPlace),
    ("AWS::EFS::AccessPoint", "RootDirectory.Path", Replaces),
    ("AWS::EFS::FileSystem", "Encrypted", Replaces),
    ("AWS::EFS::FileSystem", "PerformanceMode", Replaces),
    ("AWS::EFS::FileSystem", "ThroughputMode", InPlace),
    ("AWS::EFS::MountTarget", "SecurityGroups", InPlace),
    ("AWS::EFS::MountTarget", "SubnetId", Replaces),
    ("AWS::ElastiCache::ReplicationGroup", "AtRestEncryptionEnabled", Replaces),
    ("AWS::ElastiCache::ReplicationGroup", "SnapshotRetentionLimit", InPlace),
    ("AWS::ElasticLoadBalancingV2::Listener", "LoadBalancerArn", Replaces),
    ("AWS::ElasticLoadBalancingV2::Listener", "Port", InPlace),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "ListenerArn", Replaces),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "Priority", InPlace),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name", Replaces),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Scheme", Replaces),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Subnets", InPlace),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Type", Replaces),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "HealthCheckPath", InPlace),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Port", Replaces),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "Protocol", Replaces),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "TargetType", Replaces),
    ("AWS::Events::Rule", "Name", Replaces),
    ("AWS::Events::Rule", "ScheduleExpression", InPlace),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName", Replaces),
    ("AWS::IAM::ManagedPolicy", "PolicyDocument", InPlace),
    ("AWS::IAM::Role", "AssumeRolePolicyDocument", InPlace),
    ("AWS::IAM::Role", "Path", Replaces),
    ("AWS::IAM::Role", "RoleName", Replaces),
    ("AWS::KMS::Alias", "AliasName", Replaces),
    ("AWS::KMS::Alias", "TargetKeyId", InPlace),
    ("AWS::KMS::Key", "EnableKeyRotation", InPlace),
    ("AWS::Kinesis::Stream", "Name", Replaces),
    ("AWS::Kinesis::Stream", "RetentionPeriodHours", InPlace),
    ("AWS::Lambda::Function", "FunctionName", Replaces),
    ("AWS::Lambda::Function", "MemorySize", InPlace),
    ("AWS::Lambda::Permission", "Principal", Replaces),
    ("AWS::Logs::LogGroup", "LogGroupName", Replaces),
    ("AWS::Logs::LogGroup", "RetentionInDays", InPlace),
    ("AWS::RDS::DBCluster", "BackupRetentionPeriod", InPlace),
    ("AWS::RDS::DBCluster", "DBSubnetGroupName", Replaces),
    ("AWS::RDS::DBCluster", "KmsKeyId", Replaces),
    ("AWS::RDS::DBCluster", "StorageEncrypted", Replaces),
    ("AWS::RDS::DBInstance", "DBInstanceClass", InPlace),
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier", Replaces),
    ("AWS::RDS::DBInstance", "DBName", Replaces),
    ("AWS::RDS::DBInstance", "StorageEncrypted", Replaces),
    ("AWS::RDS::DBSubnetGroup", "SubnetIds", InPlace),
    // Documented as "Replacement"; the registry says nothing of it, so the two sources disagree.
    ("AWS::Route53::RecordSet", "Name", MayReplace),
    ("AWS::Route53::RecordSet", "TTL", InPlace),
    ("AWS::S3::Bucket", "BucketName", Replaces),
    ("AWS::S3::Bucket", "VersioningConfiguration.Status", InPlace),
    ("AWS::SNS::Subscription", "Protocol", Replaces),
    ("AWS::SNS::Subscription", "RawMessageDelivery", InPlace),
    ("AWS::SNS::Topic", "DisplayName", InPlace),
    ("AWS::SNS::Topic", "TopicName", Replaces),
    ("AWS::SQS::Queue", "FifoQueue", Replaces),
    ("AWS::SQS::Queue", "QueueName", Replaces),
    ("AWS::SQS::Queue", "VisibilityTimeout", InPlace),
    ("AWS::SSM::Parameter", "Name", Replaces),
    ("AWS::SSM::Parameter", "Value", InPlace),
    ("AWS::Scheduler::Schedule", "Name", Replaces),
    ("AWS::Scheduler::Schedule", "ScheduleExpression", InPlace),
    ("AWS::SecretsManager::Secret", "Description", InPlace),
    ("AWS::SecretsManager::Secret", "Name", Replaces),
    ("AWS::ServiceDiscovery::HttpNamespace", "Name", Replaces),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", "Vpc", Replaces),
    ("AWS::ServiceDiscovery::Service", "Name", Replaces),
    ("AWS::WAFv2::WebACL", "DefaultAction", InPlace),
    ("AWS::WAFv2::WebACL", "Scope", Replaces),
];

fn template(kind: &str, path: &str, value: &str) -> Template {
    let properties = path.rsplit('.').fold(Json::from(value), |inner, key| json!({ key: inner }));
    let json = json!({"Resources": {"X": {"Type": kind, "Properties": properties}}});
    Template::from_json_value(&json).unwrap()
}

#[test]
fn the_documentation_s_verdicts() {
    let types: BTreeSet<&str> = ROWS.iter().map(|row| row.0).collect();
    assert!(ROWS.len() >= 80 && types.len() >= 30, "{} rows, {} types", ROWS.len(), types.len());
    let mut wrong = Vec::new();
    for (kind, path, expected) in ROWS {
        let schema = crate::schema::resource_type(kind).unwrap();
        assert!(schema.property(path).is_some(), "{kind} has no {path}");
        let none = IndexMap::new();
        let result = diff(&template(kind, path, "a"), &none, &template(kind, path, "b"), &none);
        let verdict = result.get("X").unwrap().properties[0].verdict;
        if verdict != *expected {
            wrong.push(format!("{kind} {path}: {verdict:?}, documented {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_replacement_that_keeps_its_name_clashes() {
    let queue = |name: Json, fifo: bool| {
        let json = json!({"Resources": {"X": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name, "FifoQueue": fifo}}}});
        Template::from_json_value(&json).unwrap()
    };
    let none = IndexMap::new();
    let kept = diff(&queue(json!("a"), false), &none, &queue(json!("a"), true), &none);
    assert_eq!(kept.get("X").unwrap().name_clash.as_deref(), Some("QueueName"));
    let moved = diff(&queue(json!("a"), false), &none, &queue(json!("b"), true), &none);
    assert_eq!(moved.get("X").unwrap().name_clash, None);
}

#[test]
fn some_interruptions() {
    let none = IndexMap::new();
    let of = |path: &str| {
        let kind = "AWS::RDS::DBInstance";
        diff(&template(kind, path, "a"), &none, &template(kind, path, "b"), &none).resources[0].interrupts
    };
    assert!(of("DBInstanceClass"));
    assert!(!of("BackupRetentionPeriod"));
}

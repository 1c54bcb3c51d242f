//! Changes and their verdicts, in rows. The verdicts are those of the "Update requires" lines of
//! the CloudFormation resource reference.

use indexmap::IndexMap;
use serde_json::Value as Json;
use serde_json::json;

use super::Change;
use super::TemplateDiff;
use super::Verdict;
use super::diff;
use crate::Template;

fn template(json: &Json) -> Template {
    Template::from_json_value(json).unwrap()
}

fn compare(old: &Json, new: &Json) -> TemplateDiff {
    diff(&template(old), &IndexMap::new(), &template(new), &IndexMap::new())
}

fn resources(old: Json, new: Json) -> TemplateDiff {
    compare(&json!({"Resources": old}), &json!({"Resources": new}))
}

#[test]
fn one_property() {
    use Verdict::Benign;
    use Verdict::DataLoss;
    use Verdict::InPlace;
    use Verdict::MayReplace;
    use Verdict::Replaces;
    let rows = [
        (
            "AWS::EC2::VPC",
            json!({"CidrBlock": "10.0.0.0/16"}),
            json!({"CidrBlock": "10.1.0.0/16"}),
            "CidrBlock",
            Replaces,
        ),
        (
            "AWS::EC2::VPC",
            json!({"EnableDnsSupport": false}),
            json!({"EnableDnsSupport": true}),
            "EnableDnsSupport",
            InPlace,
        ),
        (
            "AWS::EC2::VPC",
            json!({"InstanceTenancy": "dedicated"}),
            json!({"InstanceTenancy": "default"}),
            "InstanceTenancy",
            MayReplace,
        ),
        (
            "AWS::EC2::Subnet",
            json!({"AvailabilityZone": "a"}),
            json!({"AvailabilityZone": "b"}),
            "AvailabilityZone",
            Replaces,
        ),
        (
            "AWS::EC2::Subnet",
            json!({"MapPublicIpOnLaunch": false}),
            json!({"MapPublicIpOnLaunch": true}),
            "MapPublicIpOnLaunch",
            InPlace,
        ),
        (
            "AWS::EC2::Route",
            json!({"NatGatewayId": "n-1"}),
            json!({"NatGatewayId": "n-2"}),
            "NatGatewayId",
            InPlace,
        ),
        (
            "AWS::EC2::Route",
            json!({"DestinationCidrBlock": "0.0.0.0/0"}),
            json!({"DestinationCidrBlock": "10.0.0.0/8"}),
            "DestinationCidrBlock",
            Replaces,
        ),
        (
            "AWS::EC2::NatGateway",
            json!({"SubnetId": "s-1"}),
            json!({"SubnetId": "s-2"}),
            "SubnetId",
            Replaces,
        ),
        (
            "AWS::EC2::SecurityGroup",
            json!({"GroupDescription": "a"}),
            json!({"GroupDescription": "b"}),
            "GroupDescription",
            Replaces,
        ),
        (
            "AWS::EC2::SecurityGroupIngress",
            json!({"FromPort": 80}),
            json!({"FromPort": 81}),
            "FromPort",
            Replaces,
        ),
        (
            "AWS::EC2::SecurityGroupIngress",
            json!({"Description": "a"}),
            json!({"Description": "b"}),
            "Description",
            InPlace,
        ),
        (
            "AWS::EC2::VPCEndpoint",
            json!({"PrivateDnsEnabled": true}),
            json!({}),
            "PrivateDnsEnabled",
            InPlace,
        ),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            json!({"Scheme": "internal"}),
            json!({"Scheme": "internet-facing"}),
            "Scheme",
            Replaces,
        ),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            json!({"LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "60"}]}),
            json!({"LoadBalancerAttributes": [{"Key": "idle_timeout.timeout_seconds", "Value": "90"}]}),
            "LoadBalancerAttributes[idle_timeout.timeout_seconds].Value",
            InPlace,
        ),
        (
            "AWS::ElasticLoadBalancingV2::Listener",
            json!({"Port": 80}),
            json!({"Port": 8080}),
            "Port",
            InPlace,
        ),
        (
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            json!({"Priority": 1}),
            json!({"Priority": 2}),
            "Priority",
            InPlace,
        ),
        (
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            json!({"ListenerArn": "a"}),
            json!({"ListenerArn": "b"}),
            "ListenerArn",
            Replaces,
        ),
        (
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            json!({"Port": 80}),
            json!({"Port": 8080}),
            "Port",
            Replaces,
        ),
        (
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            json!({"HealthCheckPath": "/"}),
            json!({"HealthCheckPath": "/health"}),
            "HealthCheckPath",
            InPlace,
        ),
        (
            "AWS::ECS::Cluster",
            json!({"ClusterName": "a"}),
            json!({"ClusterName": "b"}),
            "ClusterName",
            Replaces,
        ),
        (
            "AWS::ECS::Service",
            json!({"DesiredCount": 1}),
            json!({"DesiredCount": 2}),
            "DesiredCount",
            InPlace,
        ),
        (
            "AWS::ECS::Service",
            json!({"ServiceName": "a"}),
            json!({"ServiceName": "b"}),
            "ServiceName",
            Replaces,
        ),
        (
            "AWS::ECS::Service",
            json!({"LaunchType": "EC2"}),
            json!({"LaunchType": "FARGATE"}),
            "LaunchType",
            MayReplace,
        ),
        (
            "AWS::ECS::Service",
            json!({"DeploymentConfiguration": {"MinimumHealthyPercent": 100}}),
            json!({"DeploymentConfiguration": {"MinimumHealthyPercent": 50}}),
            "DeploymentConfiguration.MinimumHealthyPercent",
            InPlace,
        ),
        ("AWS::ECS::TaskDefinition", json!({"Cpu": "256"}), json!({"Cpu": "512"}), "Cpu", Benign),
        (
            "AWS::ECS::TaskDefinition",
            json!({"ContainerDefinitions": [{"Name": "web", "Image": "a:1"}]}),
            json!({"ContainerDefinitions": [{"Name": "web", "Image": "a:2"}]}),
            "ContainerDefinitions[web].Image",
            Benign,
        ),
        (
            "AWS::ECS::TaskDefinition",
            json!({"ContainerDefinitions": [{"Name": "web", "Environment": [{"Name": "A", "Value": "1"}]}]}),
            json!({"ContainerDefinitions": [{"Name": "web", "Environment": [{"Name": "B", "Value": "2"}, {"Name": "A", "Value": "1"}]}]}),
            "ContainerDefinitions[web].Environment[B]",
            Benign,
        ),
        (
            "AWS::ECS::TaskDefinition",
            json!({"ContainerDefinitions": [{"Name": "web", "Command": ["a", "b"]}]}),
            json!({"ContainerDefinitions": [{"Name": "web", "Command": ["b", "a"]}]}),
            "ContainerDefinitions[web].Command",
            Benign,
        ),
        (
            "AWS::ECS::TaskDefinition",
            json!({"Tags": []}),
            json!({"Tags": [{"Key": "a", "Value": "b"}]}),
            "Tags[a]",
            InPlace,
        ),
        ("AWS::IAM::Role", json!({"RoleName": "a"}), json!({"RoleName": "b"}), "RoleName", Replaces),
        ("AWS::IAM::Role", json!({"Description": "a"}), json!({"Description": "b"}), "Description", InPlace),
        (
            "AWS::Logs::LogGroup",
            json!({"RetentionInDays": 7}),
            json!({"RetentionInDays": 30}),
            "RetentionInDays",
            InPlace,
        ),
        (
            "AWS::Logs::LogGroup",
            json!({"LogGroupName": "a"}),
            json!({"LogGroupName": "b"}),
            "LogGroupName",
            DataLoss,
        ),
        ("AWS::SQS::Queue", json!({"FifoQueue": true}), json!({}), "FifoQueue", DataLoss),
        (
            "AWS::SQS::Queue",
            json!({"VisibilityTimeout": 30}),
            json!({"VisibilityTimeout": 60}),
            "VisibilityTimeout",
            InPlace,
        ),
        (
            "AWS::Scheduler::Schedule",
            json!({"ScheduleExpression": "rate(1 day)"}),
            json!({"ScheduleExpression": "rate(2 days)"}),
            "ScheduleExpression",
            InPlace,
        ),
        ("AWS::Scheduler::Schedule", json!({"Name": "a"}), json!({"Name": "b"}), "Name", Replaces),
        (
            "AWS::ServiceDiscovery::HttpNamespace",
            json!({"Name": "a"}),
            json!({"Name": "b"}),
            "Name",
            Replaces,
        ),
        ("AWS::EFS::FileSystem", json!({}), json!({"Encrypted": true}), "Encrypted", DataLoss),
        (
            "AWS::EFS::AccessPoint",
            json!({"PosixUser": {"Uid": "1"}}),
            json!({"PosixUser": {"Uid": "2"}}),
            "PosixUser.Uid",
            Replaces,
        ),
        ("AWS::SNS::Topic", json!({"DisplayName": "a"}), json!({"DisplayName": "b"}), "DisplayName", InPlace),
        ("AWS::CloudWatch::Alarm", json!({"Threshold": 1}), json!({"Threshold": 1.5}), "Threshold", InPlace),
        (
            "AWS::ECR::Repository",
            json!({"RepositoryName": "a"}),
            json!({"RepositoryName": "b"}),
            "RepositoryName",
            DataLoss,
        ),
        ("AWS::S3::Bucket", json!({"BucketName": "a"}), json!({"BucketName": "b"}), "BucketName", DataLoss),
        (
            "AWS::S3::Bucket",
            json!({"VersioningConfiguration": {"Status": "Suspended"}}),
            json!({"VersioningConfiguration": {"Status": "Enabled"}}),
            "VersioningConfiguration.Status",
            InPlace,
        ),
        (
            "AWS::New::Thing",
            json!({"A": [{"B": 1}, {"B": 2}]}),
            json!({"A": [{"B": 1}, {"B": 3}]}),
            "A[1].B",
            InPlace,
        ),
    ];
    for (kind, before, after, path, verdict) in rows {
        let diff = resources(
            json!({"R": {"Type": kind, "Properties": before}}),
            json!({"R": {"Type": kind, "Properties": after}}),
        );
        assert_eq!(diff.resources.len(), 1, "{kind} {path}");
        let change = &diff.resources[0];
        let paths: Vec<&str> = change.properties.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(paths, [path], "{kind}");
        assert_eq!(change.verdict, verdict, "{kind} {path}");
        assert_eq!(change.change, Change::Changed, "{kind} {path}");
    }
}

#[test]
fn what_is_no_change() {
    for (kind, before, after) in [
        ("AWS::ECS::Service", json!({"DesiredCount": 1}), json!({"DesiredCount": "1"})),
        ("AWS::EC2::VPC", json!({"EnableDnsSupport": true}), json!({"EnableDnsSupport": "true"})),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            json!({"Subnets": ["a", "b"]}),
            json!({"Subnets": ["b", "a"]}),
        ),
        (
            "AWS::ECS::TaskDefinition",
            json!({"ContainerDefinitions": [{"Name": "a", "Environment": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}]}, {"Name": "b"}]}),
            json!({"ContainerDefinitions": [{"Name": "b"}, {"Name": "a", "Environment": [{"Name": "B", "Value": 2}, {"Name": "A", "Value": "1"}]}]}),
        ),
        (
            "AWS::EC2::SecurityGroup",
            json!({"SecurityGroupIngress": [{"FromPort": 80}, {"FromPort": 81}]}),
            json!({"SecurityGroupIngress": [{"FromPort": "81"}, {"FromPort": 80}]}),
        ),
        ("AWS::SQS::Queue", json!({"Tags": {"Ref": "AWS::NoValue"}}), json!({})),
    ] {
        let diff = resources(
            json!({"R": {"Type": kind, "Properties": before}}),
            json!({"R": {"Type": kind, "Properties": after}}),
        );
        assert!(diff.is_empty(), "{kind}: {diff:?}");
    }
}

#[test]
fn policies_save_data() {
    let queue = |name: &str, policy: Option<&str>| {
        let mut queue = json!({"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}});
        if let Some(policy) = policy {
            queue["UpdateReplacePolicy"] = json!(policy);
            queue["DeletionPolicy"] = json!(policy);
        }
        queue
    };
    for (policy, replaced, removed) in [
        (None, Verdict::DataLoss, Verdict::DataLoss),
        (Some("Delete"), Verdict::DataLoss, Verdict::DataLoss),
        (Some("Retain"), Verdict::Replaces, Verdict::Benign),
        (Some("Snapshot"), Verdict::Replaces, Verdict::Benign),
    ] {
        let diff = resources(json!({"Q": queue("a", policy)}), json!({"Q": queue("b", policy)}));
        let change = &diff.resources[0];
        assert_eq!(change.verdict, replaced, "{policy:?}");
        assert!(change.replaced);
        assert_eq!(change.retained, replaced == Verdict::Replaces);
        let diff = resources(json!({"Q": queue("a", policy)}), json!({}));
        let change = &diff.resources[0];
        assert_eq!((change.change, change.verdict), (Change::Removed, removed), "{policy:?}");
    }
}

#[test]
fn an_image_parameter_shows_at_the_container_and_reaches_the_service() {
    let template = template(&json!({
        "Parameters": {"WebImage": {"Type": "String"}, "Count": {"Type": "Number", "Default": "1"}},
        "Resources": {
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {
                "Family": "web",
                "ContainerDefinitions": [{"Name": "web", "Image": {"Ref": "WebImage"}}]
            }},
            "Service": {"Type": "AWS::ECS::Service", "Properties": {
                "TaskDefinition": {"Ref": "Task"}, "DesiredCount": {"Ref": "Count"}
            }},
            "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": {
                "Target": {"EcsParameters": {"TaskDefinitionArn": {"Fn::Sub": "${Task}"}}}
            }}
        },
        "Outputs": {"TaskDefinitionArn": {"Value": {"Ref": "Task"}}, "Name": {"Value": {"Fn::GetAtt": "Service.Name"}}}
    }));
    let parameters = |image: &str, count: Option<&str>| {
        let mut parameters = IndexMap::from([("WebImage".to_owned(), image.to_owned())]);
        parameters.extend(count.map(|count| ("Count".to_owned(), count.to_owned())));
        parameters
    };
    let diff = diff(&template, &parameters("web:1", None), &template, &parameters("web:2", Some("3")));
    insta::assert_json_snapshot!(diff);
}

#[test]
fn a_replaced_network_replaces_what_stands_in_it() {
    let stack = |cidr: &str| {
        json!({
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": cidr}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.0.0.0/24"}},
            "Balancer": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {"Subnets": [{"Ref": "Subnet"}]}},
            "Queue": {"Type": "AWS::SQS::Queue"}
        })
    };
    let diff = resources(stack("10.0.0.0/16"), stack("10.1.0.0/16"));
    let summary: Vec<(&str, Verdict, Option<&str>)> = diff
        .resources
        .iter()
        .map(|change| {
            let because = change.properties[0].because_of.as_deref();
            (change.logical_id.as_str(), change.verdict, because)
        })
        .collect();
    assert_eq!(
        summary,
        [
            ("Vpc", Verdict::Replaces, None),
            ("Subnet", Verdict::Replaces, Some("Vpc")),
            ("Balancer", Verdict::InPlace, Some("Subnet")),
        ]
    );
    assert_eq!(diff.worst(), Some(Verdict::Replaces));
}

#[test]
fn what_may_be_replaced_may_replace_others() {
    let stack = |tenancy: &str| {
        json!({
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"InstanceTenancy": tenancy}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}}},
            "Task": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"Volumes": [{"Name": "v", "Host": {"Ref": "Subnet"}}]}}
        })
    };
    let diff = resources(stack("dedicated"), stack("default"));
    let verdicts: Vec<Verdict> = diff.resources.iter().map(|change| change.verdict).collect();
    assert_eq!(verdicts, [Verdict::MayReplace, Verdict::MayReplace, Verdict::Benign]);
}

#[test]
fn added_removed_and_conditions() {
    let old = json!({"Parameters": {"P": {"Type": "String", "Default": "on"}},
        "Conditions": {"On": {"Fn::Equals": [{"Ref": "P"}, "on"]}},
        "Resources": {"A": {"Type": "AWS::SNS::Topic", "Condition": "On"}, "B": {"Type": "AWS::S3::Bucket"}}});
    let mut new = old.clone();
    new["Parameters"]["P"]["Default"] = json!("off");
    new["Resources"]["C"] = json!({"Type": "AWS::SQS::Queue"});
    new["Resources"].as_object_mut().unwrap().remove("B");
    let summary: Vec<(String, Change, Verdict)> = compare(&old, &new)
        .resources
        .into_iter()
        .map(|change| (change.logical_id, change.change, change.verdict))
        .collect();
    assert_eq!(
        summary,
        [
            ("C".to_owned(), Change::Added, Verdict::Benign),
            ("A".to_owned(), Change::Removed, Verdict::Benign),
            ("B".to_owned(), Change::Removed, Verdict::DataLoss),
        ]
    );
}

#[test]
fn a_policy_that_allows_more_is_marked() {
    let role = |actions: Json| {
        json!({"Role": {"Type": "AWS::IAM::Role", "Properties": {"Policies": [{"PolicyName": "p", "PolicyDocument": {
            "Statement": [{"Effect": "Allow", "Action": actions, "Resource": {"Ref": "Q"}}]}}]}},
            "Q": {"Type": "AWS::SQS::Queue"}})
    };
    let widened =
        resources(role(json!(["sqs:SendMessage"])), role(json!(["sqs:SendMessage", "sqs:ReceiveMessage"])));
    assert!(widened.get("Role").unwrap().iam_widening);
    let narrowed =
        resources(role(json!(["sqs:SendMessage", "sqs:ReceiveMessage"])), role(json!(["sqs:SendMessage"])));
    assert!(!narrowed.get("Role").unwrap().iam_widening);
}

#[test]
fn hidden_values_are_compared_and_never_shown() {
    let template = template(&json!({
        "Parameters": {"Password": {"Type": "String", "NoEcho": true}, "Plain": {"Type": "String", "Default": "x"}},
        "Conditions": {"Has": {"Fn::Not": [{"Fn::Equals": [{"Ref": "Password"}, ""]}]}},
        "Resources": {
            "Db": {"Type": "AWS::RDS::DBInstance", "Properties": {
                "MasterUserPassword": {"Ref": "Password"},
                "Encoded": {"Fn::Base64": {"Fn::Sub": "user:${Password}"}},
                "Part": {"Fn::Select": [0, {"Fn::Split": ["-", {"Ref": "Password"}]}]},
                "Protected": {"Fn::If": ["Has", true, false]}
            }}
        }
    }));
    let with = |password: &str| IndexMap::from([("Password".to_owned(), password.to_owned())]);
    assert!(diff(&template, &with("canary-one"), &template, &with("canary-one")).is_empty());
    let changed = diff(&template, &with("canary-one"), &template, &with("canary-two"));
    let paths: Vec<&str> = changed.resources[0].properties.iter().map(|p| p.path.as_str()).collect();
    assert_eq!(paths, ["MasterUserPassword", "Encoded", "Part"]);
    let text = format!("{changed:?}{}", json!(changed));
    assert!(!text.contains("canary") && !text.contains("Y2FuYXJ5"), "{text}");
    let gone = diff(&template, &with("canary-one"), &template, &with(""));
    assert!(gone.resources[0].properties.iter().any(|p| p.path == "Protected"));
}

#[test]
fn other_differences_are_noticed() {
    let old = json!({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}});
    let mut new = old.clone();
    new["Resources"]["Q"]["DeletionPolicy"] = json!("Retain");
    assert!(!compare(&old, &old).other);
    let diff = compare(&old, &new);
    assert!(diff.is_empty() && diff.other);
}

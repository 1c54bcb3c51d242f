//! One fault at a time in a large template without faults: at least 95 % must be found, by the
//! code that is theirs.

use serde_json::Value as Json;
use serde_json::json;

use super::clean::findings;

fn base() -> Json {
    serde_json::from_str(include_str!("../../tests/fixtures/seeded.json")).unwrap()
}

/// Puts a value at a path (`Resources.X.Properties.A[0].B`); `null` takes it away.
fn seed(template: &mut Json, path: &str, value: Json) {
    let pointer = format!("/{}", path.replace('[', ".").replace(']', "").replace('.', "/"));
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match template.pointer_mut(parent).unwrap_or_else(|| panic!("{path}")) {
        Json::Array(items) => {
            let index: usize = last.parse().unwrap();
            if index == items.len() {
                items.push(value);
            } else {
                items[index] = value;
            }
        }
        Json::Object(map) if value.is_null() => {
            assert!(map.shift_remove(last).is_some(), "{path}");
        }
        Json::Object(map) => {
            map.insert(last.to_owned(), value);
        }
        other => panic!("{path}: {other}"),
    }
}

/// Path below `Resources`, value, code.
fn faults() -> Vec<(&'static str, Json, &'static str)> {
    let none = Json::Null;
    vec![
        // Names.
        ("Queue.Properties.VisibiltyTimeout", json!(30), "SW0610"),
        ("Task.Properties.ContainerDefinitions[0].Imag", json!("x"), "SW0610"),
        ("Service.Properties.DeploymentConfiguration.MaxPercent", json!(200), "SW0610"),
        ("Queue.Type", json!("AWS::SQS::Que"), "SW0603"),
        ("Queue.DependsOnn", json!("Topic"), "SW0600"),
        ("Queue.DeletionPolicy", json!("Keep"), "SW0604"),
        ("Queue.DeletionPolicy", json!("Snapshot"), "SW0604"),
        ("Queue.Properties.Arn", json!("arn"), "SW0619"),
        // Types and values.
        ("Queue.Properties.VisibilityTimeout", json!("soon"), "SW0611"),
        ("Vpc.Properties.EnableDnsSupport", json!("perhaps"), "SW0611"),
        ("Task.Properties.ContainerDefinitions", json!({"Name": "web"}), "SW0611"),
        ("Service.Properties.NetworkConfiguration", json!("awsvpc"), "SW0611"),
        ("Service.Properties.LaunchType", json!("FARGAT"), "SW0612"),
        ("Balancer.Properties.Scheme", json!("public"), "SW0612"),
        ("Orders.Properties.AttributeDefinitions[0].AttributeType", json!("String"), "SW0612"),
        ("Bucket.Properties.VersioningConfiguration.Status", json!("On"), "SW0612"),
        ("Logs.Properties.RetentionInDays", json!(31), "SW0612"),
        ("BalancerGroup.Properties.GroupDescription", none.clone(), "SW0613"),
        ("Task.Properties.ContainerDefinitions[0].Image", none.clone(), "SW0613"),
        ("Listener.Properties.DefaultActions", none.clone(), "SW0613"),
        ("Nightly.Properties.FlexibleTimeWindow", none.clone(), "SW0613"),
        ("Queue.Properties.VisibilityTimeout", json!(50000), "SW0616"),
        ("Queue.Properties.MessageRetentionPeriod", json!(5), "SW0616"),
        ("Queue.Properties.Tags", json!([{"Key": "a#b", "Value": "x"}]), "SW0614"),
        ("Queue.Properties.Tags", json!([{"Key": "", "Value": "x"}]), "SW0615"),
        ("ScalingPolicy.Properties.PolicyName", json!("x".repeat(300)), "SW0615"),
        (
            "Task.Properties.ContainerDefinitions[0].PortMappings[1]",
            json!({"ContainerPort": 8080, "Protocol": "tcp", "Name": "http"}),
            "SW0617",
        ),
        (
            "Service.Properties.NetworkConfiguration.AwsvpcConfiguration.Subnets[0]",
            json!("sg-12345678"),
            "SW0614",
        ),
        // References.
        ("Service.Properties.Cluster", json!({"Ref": "Clster"}), "SW0620"),
        ("Task.Properties.TaskRoleArn", json!({"Fn::GetAtt": ["TasRole", "Arn"]}), "SW0620"),
        ("Service.DependsOn", json!("Rule9"), "SW0620"),
        ("Task.Properties.Family", json!({"Fn::Sub": "${StackName}"}), "SW0620"),
        (
            "Queue.Properties.RedrivePolicy.deadLetterTargetArn",
            json!({"Fn::GetAtt": ["Dead", "ARN"]}),
            "SW0621",
        ),
        ("Task.Properties.Family", json!({"Fn::Sub": "${Cluster.Name}"}), "SW0621"),
        ("Task.Properties.Family", json!({"Fn::Joins": ["", ["a"]]}), "SW0622"),
        ("Task.Properties.Family", json!({"Fn::Join": ["a"]}), "SW0622"),
        ("SubnetA.Properties.AvailabilityZone", json!({"Fn::Select": [2, ["a", "b"]]}), "SW0622"),
        ("Task.Properties.TaskRoleArn", json!({"Ref": "TaskRole"}), "SW0623"),
        ("Nightly.Properties.Target.RoleArn", json!({"Ref": "ScheduleRole"}), "SW0623"),
        (
            "Service.Properties.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[0]",
            json!({"Ref": "SubnetA"}),
            "SW0623",
        ),
        ("Target.Properties.VpcId", json!({"Ref": "SubnetA"}), "SW0623"),
        (
            "BalancerGroup.Properties.SecurityGroupIngress[0]",
            json!({"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "SourceSecurityGroupId": {"Fn::GetAtt": ["BalancerGroup", "GroupId"]}}),
            "SW0624",
        ),
        ("Scaling.Properties.MaxCapacity", json!({"Fn::If": ["Huge", 10, 4]}), "SW0625"),
        ("Queue.Condition", json!("Huge"), "SW0625"),
        ("Alarm.Properties.Threshold", json!({"Fn::FindInMap": ["Limits", "alarm", "alive"]}), "SW0626"),
        ("Alarm.Properties.Threshold", json!({"Fn::FindInMap": ["Limts", "alarm", "dead"]}), "SW0626"),
        ("Balancer.Properties.Subnets", json!({"Fn::Sub": "${SubnetA}"}), "SW0627"),
        ("Task.Properties.Family", json!({"Fn::Split": [",", "a,b"]}), "SW0627"),
        ("Task.Properties.Family", json!("${AWS::StackName}-web"), "SW0628"),
        ("Queue.Condition", json!("Big"), "SW0629"),
        ("Database.Properties.MasterUserPassword", json!("hunter2hunter2"), "SW0642"),
        // IAM.
        (
            "TaskRole.Properties.Policies[0].PolicyDocument.Statement[0].Action[0]",
            json!("sqs:SendMesage"),
            "SW0650",
        ),
        (
            "TaskRole.Properties.Policies[0].PolicyDocument.Statement[0].Action[0]",
            json!("sqss:SendMessage"),
            "SW0650",
        ),
        (
            "TaskRole.Properties.Policies[0].PolicyDocument.Statement[0].Resource",
            json!({"Fn::GetAtt": ["Bucket", "Arn"]}),
            "SW0651",
        ),
        (
            "TaskRole.Properties.Policies[0].PolicyDocument.Statement[1].Resource",
            json!({"Fn::Sub": "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:x"}),
            "SW0651",
        ),
        ("TaskRole.Properties.Policies[0].PolicyDocument.Statement[0].Effect", json!("allow"), "SW0652"),
        ("TaskRole.Properties.Policies[0].PolicyDocument.Statement[0].Resource", none.clone(), "SW0652"),
        ("TaskRole.Properties.AssumeRolePolicyDocument.Statement[0].Principal", none.clone(), "SW0652"),
        (
            "ExecutionRole.Properties.Policies[0].PolicyDocument.Statement[2].Resource",
            json!({"Fn::GetAtt": ["Logs", "Arn"]}),
            "SW0651",
        ),
        // ECS and load balancers: what cfn-lint misses, and more.
        ("Task.Properties.Memory", json!("768"), "SW0660"),
        ("Task.Properties.Cpu", json!("300"), "SW0660"),
        ("Task.Properties.NetworkMode", json!("bridge"), "SW0661"),
        ("Task.Properties.ContainerDefinitions[0].Privileged", json!(true), "SW0661"),
        ("Task.Properties.ContainerDefinitions[0].LogConfiguration.LogDriver", json!("fluentd"), "SW0661"),
        ("Task.Properties.RequiresCompatibilities", json!(["EC2"]), "SW0661"),
        ("Service.Properties.LoadBalancers[0].ContainerName", json!("wev"), "SW0662"),
        ("Service.Properties.LoadBalancers[0].ContainerPort", json!(8081), "SW0662"),
        ("Target.Properties.TargetType", json!("instance"), "SW0663"),
        ("Target.Properties.TargetType", none.clone(), "SW0663"),
        (
            "Service.Properties.CapacityProviderStrategy",
            json!([{"CapacityProvider": "FARGATE", "Weight": 1}]),
            "SW0664",
        ),
        ("Service.Properties.DeploymentConfiguration.MaximumPercent", json!(100), "SW0665"),
        ("Service.Properties.DeploymentConfiguration.MaximumPercent", json!(120), "SW0665"),
        ("Task.Properties.ContainerDefinitions[0].StopTimeout", json!(180), "SW0666"),
        ("Task.Properties.ContainerDefinitions[0].HealthCheck.Interval", json!(3), "SW0666"),
        (
            "Task.Properties.ContainerDefinitions[0].Secrets[0].ValueFrom",
            json!({"Fn::Sub": "${Password}:password"}),
            "SW0667",
        ),
        (
            "Task.Properties.ContainerDefinitions[0].Secrets[0].ValueFrom",
            json!("arn:aws:s3:::bucket"),
            "SW0667",
        ),
        ("Task.Properties.ContainerDefinitions[1].DependsOn[0].ContainerName", json!("wev"), "SW0668"),
        ("Task.Properties.ContainerDefinitions[0].HealthCheck", none.clone(), "SW0668"),
        ("Task.Properties.ContainerDefinitions[0].MountPoints[0].SourceVolume", json!("scrtch"), "SW0668"),
        ("Task.Properties.ContainerDefinitions[0].Essential", json!(false), "SW0668"),
        ("Target.Properties.HealthCheckTimeoutSeconds", json!(10), "SW0669"),
        ("Task.Properties.ContainerDefinitions[0].HealthCheck.Timeout", json!(20), "SW0669"),
        ("Nightly.Properties.ScheduleExpression", json!("cron(0 3 * * *)"), "SW0670"),
        ("Nightly.Properties.ScheduleExpression", json!("rate(1 hours)"), "SW0670"),
        (
            "Task.Properties.ContainerDefinitions[0].LogConfiguration.Options.awslogs-region",
            none.clone(),
            "SW0671",
        ),
        ("Service.Properties.NetworkConfiguration", none.clone(), "SW0672"),
        ("Queue.Properties.FifoQueue", json!(true), "SW0673"),
        ("Queue.Properties.QueueName", json!("jobs.fifo"), "SW0673"),
        ("Orders.Properties.KeySchema[0].AttributeName", json!("key"), "SW0674"),
        ("SubnetA.Properties.CidrBlock", json!("10.1.0.0/24"), "SW0675"),
        ("SubnetB.Properties.CidrBlock", json!("10.0.0.128/25"), "SW0675"),
        ("Scaling.Properties.MinCapacity", json!(20), "SW0676"),
        ("Listener.Properties.Protocol", json!("HTTPS"), "SW0677"),
        ("Rule2.Properties.Priority", json!(1), "SW0677"),
        ("TaskIngress.Properties.ToPort", json!(80), "SW0678"),
        // Not to be found offline: a value that only the image knows.
        ("Target.Properties.HealthCheckPath", json!("/helth"), "-"),
    ]
}

#[test]
fn the_template_itself_is_clean() {
    assert_eq!(findings(&base()), Vec::<String>::new());
}

#[test]
fn seeded_faults_are_found() {
    let faults = faults();
    let mut missed = Vec::new();
    for (path, value, code) in &faults {
        let mut template = base();
        seed(&mut template, &format!("Resources.{path}"), value.clone());
        let found = findings(&template);
        if !found.iter().any(|finding| finding.starts_with(code)) {
            missed.push(format!("{path} = {value}: {code}, found {found:?}"));
        }
    }
    assert!(faults.len() >= 60);
    assert!(
        missed.len() * 20 <= faults.len(),
        "{} of {}:\n{}",
        missed.len(),
        faults.len(),
        missed.join("\n")
    );
    // What is known to be missed, so that a new miss shows.
    assert_eq!(missed.len(), 1, "{}", missed.join("\n"));
}

#[test]
fn faults_outside_of_resources() {
    for (path, value, code) in [
        ("Parameters.Size.Default", json!("medium"), "SW0605"),
        ("Parameters.Size.Type", json!("Text"), "SW0605"),
        ("Parameters.Extra", json!({"Type": "String"}), "SW0630"),
        ("Conditions.Extra", json!({"Fn::Equals": ["a", "b"]}), "SW0631"),
        ("Mappings.Extra", json!({"a": {"b": "c"}}), "SW0632"),
        ("Outputs.Url.Value", json!(["a"]), "SW0606"),
        ("Outputs.Url.Valu", json!("a"), "SW0606"),
        ("Outputs.bad-name", json!({"Value": "x"}), "SW0601"),
        ("Resource", json!({}), "SW0600"),
        ("AWSTemplateFormatVersion", json!("2010-09-10"), "SW0600"),
    ] {
        let mut template = base();
        seed(&mut template, path, value.clone());
        let found = findings(&template);
        assert!(found.iter().any(|finding| finding.starts_with(code)), "{path} = {value}: {found:?}");
    }
}

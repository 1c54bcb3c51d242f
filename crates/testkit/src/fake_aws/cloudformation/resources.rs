//! What stands behind a resource: physical ids, attributes, and the services' own records.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::fake_aws::around::TargetGroup;
use crate::fake_aws::ecs;
use crate::fake_aws::world::World;

/// A resource that was made.
pub(super) struct Made {
    pub(super) physical_id: String,
    pub(super) attributes: IndexMap<String, String>,
}

/// Makes a resource. `settled`: it was there before the scenario began.
pub(super) fn create(
    world: &mut World,
    stack: &str,
    logical_id: &str,
    kind: &str,
    properties: &Json,
    settled: bool,
) -> Made {
    let hex = world.hex(32);
    let generated = format!("{stack}-{logical_id}-{}", &hex[..12]);
    let named =
        |property: &str| properties[property].as_str().map_or_else(|| generated.clone(), str::to_owned);
    let mut attributes = IndexMap::new();
    let mut set = |name: &str, value: String| {
        attributes.insert(name.to_owned(), value);
    };
    let (region, account) = (world.scenario.region.clone(), world.scenario.account.clone());
    let physical_id = match kind {
        "AWS::ECS::Cluster" => {
            let name = named("ClusterName");
            set("Arn", world.arn("ecs", &format!("cluster/{name}")));
            world.ecs.clusters.insert(name.clone());
            name
        }
        "AWS::ECS::TaskDefinition" => {
            let arn = ecs::register(world, stack, logical_id, properties);
            set("TaskDefinitionArn", arn.clone());
            arn
        }
        "AWS::ECS::Service" => {
            let wanted = ecs::Wanted { stack, logical_id, properties };
            let make = if settled { ecs::insert_settled } else { ecs::create_service };
            let arn = make(world, &wanted);
            set("ServiceArn", arn.clone());
            set("Name", arn.rsplit('/').next().unwrap_or_default().to_owned());
            arn
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => {
            let name = short_name(&named("Name"));
            let full = format!("app/{name}/{}", &hex[..16]);
            let arn = world.arn("elasticloadbalancing", &format!("loadbalancer/{full}"));
            set(
                "DNSName",
                format!("{name}-{}.{region}.elb.amazonaws.com", u32::from(hex.as_bytes()[0]) * 7919),
            );
            set("CanonicalHostedZoneID", "Z32O12XQLNTSW2".to_owned());
            set("LoadBalancerName", name);
            set("LoadBalancerFullName", full);
            set("LoadBalancerArn", arn.clone());
            arn
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            let name = short_name(&named("Name"));
            let full = format!("targetgroup/{name}/{}", &hex[..16]);
            let arn = world.arn("elasticloadbalancing", &full);
            set("TargetGroupName", name.clone());
            set("TargetGroupFullName", full);
            set("TargetGroupArn", arn.clone());
            let group = TargetGroup { arn: arn.clone(), name, properties: properties.clone() };
            world.around.target_groups.insert(arn.clone(), group);
            arn
        }
        "AWS::ElasticLoadBalancingV2::Listener" | "AWS::ElasticLoadBalancingV2::ListenerRule" => {
            let (word, attribute) = if kind.ends_with("Rule") {
                ("listener-rule", "RuleArn")
            } else {
                ("listener", "ListenerArn")
            };
            let arn = world
                .arn("elasticloadbalancing", &format!("{word}/app/{stack}/{}/{}", &hex[..16], &hex[16..32]));
            set(attribute, arn.clone());
            arn
        }
        "AWS::Logs::LogGroup" => {
            let name = named("LogGroupName");
            set("Arn", world.arn("logs", &format!("log-group:{name}:*")));
            world.around.log_groups.entry(name.clone()).or_default();
            name
        }
        "AWS::S3::Bucket" => {
            let name = named("BucketName").to_lowercase();
            set("Arn", format!("arn:aws:s3:::{name}"));
            set("DomainName", format!("{name}.s3.amazonaws.com"));
            set("RegionalDomainName", format!("{name}.s3.{region}.amazonaws.com"));
            world.around.buckets.entry(name.clone()).or_default();
            name
        }
        "AWS::SSM::Parameter" => {
            let name = named("Name");
            let value = properties["Value"].as_str().unwrap_or_default();
            set("Type", properties["Type"].as_str().unwrap_or("String").to_owned());
            set("Value", value.to_owned());
            let kind = properties["Type"].as_str().unwrap_or("String").to_owned();
            world.around.put_parameter(&name, &kind, value, world.now);
            name
        }
        "AWS::SecretsManager::Secret" => {
            let name = named("Name");
            let arn = world.arn("secretsmanager", &format!("secret:{name}-{}", &hex[..6]));
            set("Id", arn.clone());
            let generated = properties["GenerateSecretString"].is_object();
            let value = properties["SecretString"].as_str().map(str::to_owned);
            let value = value.or_else(|| generated.then(|| hex.clone()));
            world.around.insert_secret(&name, &arn, value, world.now, &hex);
            arn
        }
        "AWS::Scheduler::Schedule" => {
            let name = named("Name");
            let group = properties["GroupName"].as_str().unwrap_or("default");
            set("Arn", world.arn("scheduler", &format!("schedule/{group}/{name}")));
            world.around.put_schedule(&name, properties, world.now);
            name
        }
        "AWS::SQS::Queue" => {
            let name = named("QueueName");
            set("Arn", world.arn("sqs", &name));
            set("QueueName", name.clone());
            let url = format!("https://sqs.{region}.amazonaws.com/{account}/{name}");
            set("QueueUrl", url.clone());
            url
        }
        "AWS::SNS::Topic" => {
            let name = named("TopicName");
            let arn = world.arn("sns", &name);
            set("TopicName", name);
            set("TopicArn", arn.clone());
            arn
        }
        "AWS::ECR::Repository" => {
            let name = named("RepositoryName").to_lowercase();
            set("Arn", world.arn("ecr", &format!("repository/{name}")));
            set("RepositoryUri", format!("{account}.dkr.ecr.{region}.amazonaws.com/{name}"));
            world.around.repositories.insert(name.clone());
            name
        }
        "AWS::IAM::Role" => {
            let name = named("RoleName");
            set("Arn", format!("arn:aws:iam::{account}:role/{name}"));
            set("RoleId", format!("AROA{}", hex[..16].to_uppercase()));
            name
        }
        "AWS::IAM::ManagedPolicy" => {
            let arn = format!("arn:aws:iam::{account}:policy/{}", named("ManagedPolicyName"));
            set("PolicyArn", arn.clone());
            arn
        }
        "AWS::EC2::SecurityGroup" => {
            let id = format!("sg-{}", &hex[..17]);
            set("GroupId", id.clone());
            set("Id", id.clone());
            id
        }
        "AWS::EC2::VPC" => {
            let id = format!("vpc-{}", &hex[..17]);
            set("VpcId", id.clone());
            set("CidrBlock", properties["CidrBlock"].as_str().unwrap_or("10.0.0.0/16").to_owned());
            set("DefaultSecurityGroup", format!("sg-{}", &hex[15..32]));
            id
        }
        "AWS::EC2::EIP" => {
            set("AllocationId", format!("eipalloc-{}", &hex[..17]));
            // TEST-NET-3 (RFC 5737): nobody's address.
            format!("203.0.113.{}", hex.as_bytes()[0])
        }
        other => match prefix(other) {
            Some(prefix) => format!("{prefix}-{}", &hex[..17]),
            None => generated.clone(),
        },
    };
    Made { physical_id, attributes }
}

/// Names of load balancers and target groups have at most 32 letters.
fn short_name(name: &str) -> String {
    name.chars().take(32).collect::<String>().trim_end_matches('-').to_owned()
}

/// Changes a resource in place.
pub(super) fn update(
    world: &mut World,
    stack: &str,
    logical_id: &str,
    kind: &str,
    physical_id: &str,
    properties: &Json,
) {
    match kind {
        "AWS::ECS::Service" => {
            ecs::update_service(world, physical_id, &ecs::Wanted { stack, logical_id, properties });
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            if let Some(group) = world.around.target_groups.get_mut(physical_id) {
                group.properties = properties.clone();
            }
        }
        "AWS::Scheduler::Schedule" => world.around.put_schedule(physical_id, properties, world.now),
        "AWS::SSM::Parameter" => {
            let value = properties["Value"].as_str().unwrap_or_default();
            let kind = properties["Type"].as_str().unwrap_or("String").to_owned();
            world.around.put_parameter(physical_id, &kind, value, world.now);
        }
        _ => {}
    }
}

/// Begins the deletion of a resource.
///
/// # Errors
/// Why it cannot be deleted.
pub(super) fn delete(world: &mut World, kind: &str, physical_id: &str) -> Result<(), String> {
    match kind {
        "AWS::ECS::Service" => ecs::delete_service(world, physical_id),
        "AWS::ECS::TaskDefinition" => {
            if let Some(definition) = world.ecs.definitions.get_mut(physical_id) {
                definition.active = false;
            }
        }
        "AWS::ECS::Cluster" => {
            world.ecs.clusters.shift_remove(physical_id);
        }
        "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            world.around.target_groups.shift_remove(physical_id);
        }
        "AWS::Logs::LogGroup" => {
            world.around.log_groups.shift_remove(physical_id);
        }
        "AWS::S3::Bucket" => {
            if world.around.buckets.get(physical_id).is_some_and(|objects| !objects.is_empty()) {
                return Err(format!(
                    "The bucket you tried to delete is not empty (Service: S3, Status Code: 409, Bucket: {physical_id})"
                ));
            }
            world.around.buckets.shift_remove(physical_id);
        }
        "AWS::SSM::Parameter" => {
            world.around.parameters.shift_remove(physical_id);
        }
        "AWS::SecretsManager::Secret" => {
            world.around.secrets.retain(|_, secret| secret.arn != physical_id);
        }
        "AWS::Scheduler::Schedule" => {
            world.around.schedules.shift_remove(physical_id);
        }
        "AWS::ECR::Repository" => {
            world.around.repositories.shift_remove(physical_id);
        }
        _ => {}
    }
    Ok(())
}

/// Returns an attribute that nobody set: an ARN where one is asked for, else a placeholder.
pub(super) fn attribute(kind: &str, physical_id: &str, name: &str) -> String {
    let mut parts = kind.split("::").skip(1);
    let service = parts.next().unwrap_or("x").to_lowercase();
    let word = parts.next().unwrap_or("resource").to_lowercase();
    if name.ends_with("Id") || (name.ends_with("Arn") && physical_id.starts_with("arn:")) {
        physical_id.to_owned()
    } else if name.ends_with("Arn") {
        format!("arn:aws:{service}:eu-west-1:123456789012:{word}/{physical_id}")
    } else {
        format!("{}-{physical_id}", name.to_lowercase().replace('.', "-"))
    }
}

/// Id prefixes of EC2 and Cloud Map.
fn prefix(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "AWS::EC2::Subnet" => "subnet",
        "AWS::EC2::InternetGateway" => "igw",
        "AWS::EC2::NatGateway" => "nat",
        "AWS::EC2::RouteTable" => "rtb",
        "AWS::EC2::SubnetRouteTableAssociation" => "rtbassoc",
        "AWS::EC2::VPCEndpoint" => "vpce",
        "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => "sgr",
        "AWS::ServiceDiscovery::HttpNamespace" | "AWS::ServiceDiscovery::PrivateDnsNamespace" => "ns",
        "AWS::ServiceDiscovery::Service" => "srv",
        _ => return None,
    })
}

//! Security groups: who may reach the tasks, on exact ports.

use seaway_cfn::Resource;
use seaway_cfn::Value;

use super::stack::Parts;
use crate::builder::Builder;
use crate::context::service_of;

/// Where the tasks are in the network.
pub(super) struct Network {
    /// A list of subnets.
    pub(super) subnets: Value,
    /// A list of security groups.
    pub(super) groups: Value,
}

impl Network {
    /// Returns the network configuration of a service or schedule.
    pub(super) fn configuration(&self) -> Value {
        let inner = Value::map([
            ("AssignPublicIp", Value::from("DISABLED")),
            ("Subnets", self.subnets.clone()),
            ("SecurityGroups", self.groups.clone()),
        ]);
        Value::map([("AwsvpcConfiguration", inner)])
    }
}

/// Adds the workload's own security group. Its tasks are also members of the group that all tasks
/// share; that one opens nothing by itself, it says who calls.
pub(super) fn synth(parts: &Parts<'_, '_>, builder: &mut Builder) -> Network {
    let context = parts.context;
    let vpc = context.network_output(builder, "VpcId", "AWS::EC2::VPC::Id", "The VPC");
    let subnets =
        context.network_output(builder, "SubnetIds", "List<AWS::EC2::Subnet::Id>", "Subnets of the tasks");
    let shared = context.network_output(
        builder,
        "ServicesSecurityGroupId",
        "AWS::EC2::SecurityGroup::Id",
        "The security group that every task is a member of",
    );
    let mut rules = Vec::new();
    if let Some(service) = service_of(parts.workload) {
        let mut ports: Vec<u16> = service.routes.iter().map(|route| route.port).collect();
        ports.sort_unstable();
        ports.dedup();
        for port in ports {
            let group = context.platform_output(
                builder,
                "LoadBalancerSecurityGroupId",
                "AWS::EC2::SecurityGroup::Id",
                "The security group of the load balancer",
            );
            rules.push(rule(port, group, "Load balancer"));
        }
        for internal in &service.internal_ports {
            rules.push(rule(internal.port, shared.clone(), "Other workloads"));
        }
    }
    let rules = if rules.is_empty() { Value::Null } else { Value::List(rules) };
    builder.resource(
        "SecurityGroup",
        Resource::new("AWS::EC2::SecurityGroup")
            .with(
                "GroupDescription",
                format!("Tasks of {} of {}", parts.workload.name, context.names.of_what()),
            )
            .with("VpcId", vpc)
            .with("SecurityGroupIngress", rules)
            .with("Tags", context.tag_list(Some(&parts.workload.name), Some(&parts.workload.name))),
    );
    Network { subnets, groups: Value::list([Value::get_att("SecurityGroup", "GroupId"), shared]) }
}

fn rule(port: u16, source: Value, who: &str) -> Value {
    Value::map([
        ("IpProtocol", Value::from("tcp")),
        ("FromPort", Value::from(port)),
        ("ToPort", Value::from(port)),
        ("SourceSecurityGroupId", source),
        ("Description", Value::from(who)),
    ])
}

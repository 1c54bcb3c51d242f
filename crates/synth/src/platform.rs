//! The platform stack: the cluster, the namespace, and the load balancer when something is
//! public.

use indexmap::IndexMap;
use seaway_cfn::Resource;
use seaway_cfn::Value;

use crate::StackKind;
use crate::StackSpec;
use crate::builder::Builder;
use crate::context::Context;

/// Returns the platform stack.
pub(crate) fn synth(context: &Context<'_>) -> StackSpec {
    let description = format!("Platform of {}", context.names.of_what());
    let mut builder = Builder::new(context.names.platform(), description);
    cluster(context, &mut builder);
    if context.serving {
        // Services find each other through it (Service Connect); nothing resolves it but ECS.
        builder.resource(
            "Namespace",
            Resource::new("AWS::ServiceDiscovery::HttpNamespace")
                .with("Name", context.names.prefix())
                .with("Description", format!("Services of {}", context.names.of_what()))
                .with("Tags", context.tag_list(None, None)),
        );
        builder.output(
            "NamespaceArn",
            Value::get_att("Namespace", "Arn"),
            "The namespace of Service Connect",
        );
    }
    if context.routed {
        load_balancer(context, &mut builder);
    }
    builder.finish(StackKind::Platform, context.tags(None))
}

fn cluster(context: &Context<'_>, builder: &mut Builder) {
    let environment = &context.app.environment;
    builder.resource(
        "ExecLogGroup",
        Resource::new("AWS::Logs::LogGroup")
            .with("LogGroupName", context.names.exec_log_group())
            .with("RetentionInDays", environment.log_retention)
            .with("Tags", context.tag_list(None, None))
            .retained("Delete"),
    );
    let logging = Value::map([
        ("Logging", Value::from("OVERRIDE")),
        ("LogConfiguration", Value::map([("CloudWatchLogGroupName", Value::reference("ExecLogGroup"))])),
    ]);
    builder.resource(
        "Cluster",
        Resource::new("AWS::ECS::Cluster")
            .with("CapacityProviders", Value::list(["FARGATE", "FARGATE_SPOT"]))
            .with("DefaultCapacityProviderStrategy", context.capacity())
            .with("Configuration", Value::map([("ExecuteCommandConfiguration", logging)]))
            .with("Tags", context.tag_list(None, None)),
    );
    builder.output("ClusterName", Value::reference("Cluster"), "The cluster");
    builder.output("ClusterArn", Value::get_att("Cluster", "Arn"), "ARN of the cluster");
}

fn load_balancer(context: &Context<'_>, builder: &mut Builder) {
    let vpc = context.network_output(builder, "VpcId", "AWS::EC2::VPC::Id", "The VPC");
    let subnets = context.network_output(
        builder,
        "PublicSubnetIds",
        "List<AWS::EC2::Subnet::Id>",
        "Subnets of the load balancer",
    );
    let from_everywhere = Value::map([
        ("IpProtocol", Value::from("tcp")),
        ("FromPort", Value::from(80_u16)),
        ("ToPort", Value::from(80_u16)),
        ("CidrIp", Value::from("0.0.0.0/0")),
        ("Description", Value::from("HTTP from everywhere")),
    ]);
    builder.resource(
        "LoadBalancerSecurityGroup",
        Resource::new("AWS::EC2::SecurityGroup")
            .with("GroupDescription", format!("Load balancer of {}", context.names.of_what()))
            .with("VpcId", vpc)
            .with("SecurityGroupIngress", Value::list([from_everywhere]))
            .with("Tags", context.tag_list(None, Some("load-balancer"))),
    );
    let attributes = IndexMap::from([
        ("deletion_protection.enabled", if context.app.environment.protected { "true" } else { "false" }),
        ("routing.http.drop_invalid_header_fields.enabled", "true"),
        ("idle_timeout.timeout_seconds", "60"),
    ]);
    let mut tags = context.tag_list(None, None);
    // The same template everywhere: on AWS a tag, on this machine the port that people type.
    if let (Value::List(list), Some(port)) = (&mut tags, context.app.public_port) {
        list.push(Value::map([
            ("Key", Value::from("seaway:local-port")),
            ("Value", Value::from(port.to_string())),
        ]));
    }
    builder.resource(
        "LoadBalancer",
        Resource::new("AWS::ElasticLoadBalancingV2::LoadBalancer")
            .with("Type", "application")
            .with("Scheme", "internet-facing")
            .with("Subnets", subnets)
            .with("SecurityGroups", Value::list([Value::get_att("LoadBalancerSecurityGroup", "GroupId")]))
            .with("LoadBalancerAttributes", attribute_list(attributes))
            .with("Tags", tags),
    );
    let not_found = Value::map([
        ("Type", Value::from("fixed-response")),
        (
            "FixedResponseConfig",
            Value::map([
                ("StatusCode", Value::from("404")),
                ("ContentType", Value::from("text/plain")),
                ("MessageBody", Value::from("No service has a route for this address.\n")),
            ]),
        ),
    ]);
    builder.resource(
        "HttpListener",
        Resource::new("AWS::ElasticLoadBalancingV2::Listener")
            .with("LoadBalancerArn", Value::reference("LoadBalancer"))
            .with("Port", 80_u16)
            .with("Protocol", "HTTP")
            .with("DefaultActions", Value::list([not_found])),
    );
    builder.output("ListenerArn", Value::reference("HttpListener"), "The HTTP listener");
    builder.output(
        "LoadBalancerSecurityGroupId",
        Value::get_att("LoadBalancerSecurityGroup", "GroupId"),
        "The security group of the load balancer",
    );
    builder.output(
        "LoadBalancerDnsName",
        Value::get_att("LoadBalancer", "DNSName"),
        "Host name of the load balancer",
    );
    builder.output("Url", Value::sub("http://${LoadBalancer.DNSName}"), "Public address");
}

/// Returns attributes of a load balancer or target group as a list of keys and values.
pub(crate) fn attribute_list<'a>(attributes: impl IntoIterator<Item = (&'a str, impl Into<Value>)>) -> Value {
    Value::list(
        attributes
            .into_iter()
            .map(|(key, value)| Value::map([("Key", Value::from(key)), ("Value", value.into())])),
    )
}

//! The network stack: a VPC over several zones, public subnets for load balancer and NAT,
//! private ones for tasks.

use seaway_cfn::Intrinsic;
use seaway_cfn::Resource;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_model::Cidr;

use crate::StackKind;
use crate::StackSpec;
use crate::builder::Builder;
use crate::codes;
use crate::context::Context;

/// Returns the network stack.
pub(crate) fn synth(context: &Context<'_>, sink: &mut Sink) -> Option<StackSpec> {
    let environment = &context.app.environment;
    let Ok(block) = environment.cidr.parse::<Cidr>() else {
        sink.push(Diagnostic::error(codes::NETWORK, format!("`{}` is no network block", environment.cidr)));
        return None;
    };
    let zones = environment.zones;
    // Sixteenths for the public side, eighths from the upper half for the private one.
    let public: Option<Vec<Cidr>> = (0..zones).map(|zone| block.piece(4, zone)).collect();
    let private: Option<Vec<Cidr>> = (0..zones).map(|zone| block.piece(3, 4 + zone)).collect();
    let (Some(public), Some(private)) = (public, private) else {
        sink.push(Diagnostic::error(codes::NETWORK, format!("`{block}` is too small for {zones} zones")));
        return None;
    };

    let description = format!("Network of {}", context.names.of_what());
    let mut builder = Builder::new(context.names.network(), description);
    let tagged = |resource: Resource, name: &str| resource.with("Tags", context.tag_list(None, Some(name)));

    let vpc = Resource::new("AWS::EC2::VPC")
        .with("CidrBlock", block.to_string())
        .with("EnableDnsHostnames", true)
        .with("EnableDnsSupport", true);
    builder.resource("Vpc", tagged(vpc, "vpc"));
    builder.resource("InternetGateway", tagged(Resource::new("AWS::EC2::InternetGateway"), "internet"));
    builder.resource(
        "InternetGatewayAttachment",
        Resource::new("AWS::EC2::VPCGatewayAttachment")
            .with("VpcId", Value::reference("Vpc"))
            .with("InternetGatewayId", Value::reference("InternetGateway")),
    );

    builder.resource("PublicRouteTable", tagged(route_table(), "public"));
    let mut route = default_route("PublicRouteTable").with("GatewayId", Value::reference("InternetGateway"));
    // A route to a gateway that is not attached yet is refused.
    route.depends_on.push("InternetGatewayAttachment".to_owned());
    builder.resource("PublicRoute", route);

    for (zone, cidr) in (1..).zip(&public) {
        let subnet = subnet(zone, *cidr).with("MapPublicIpOnLaunch", false);
        builder.resource(format!("PublicSubnet{zone}"), tagged(subnet, &format!("public-{zone}")));
        builder.resource(
            format!("PublicSubnet{zone}Routes"),
            association(&format!("PublicSubnet{zone}"), "PublicRouteTable"),
        );
    }

    let gateways = if environment.single_nat { 1 } else { zones };
    let mut tables = Vec::new();
    for zone in 1..=gateways {
        let suffix = if environment.single_nat { String::new() } else { zone.to_string() };
        let mut address = Resource::new("AWS::EC2::EIP").with("Domain", "vpc");
        address.depends_on.push("InternetGatewayAttachment".to_owned());
        builder.resource(format!("NatAddress{suffix}"), tagged(address, &format!("nat{suffix}")));
        let mut gateway = Resource::new("AWS::EC2::NatGateway")
            .with("AllocationId", Value::get_att(format!("NatAddress{suffix}"), "AllocationId"))
            .with("SubnetId", Value::reference(format!("PublicSubnet{zone}")));
        gateway.depends_on.push("PublicRoute".to_owned());
        builder.resource(format!("NatGateway{suffix}"), tagged(gateway, &format!("nat{suffix}")));
        let table = format!("PrivateRouteTable{suffix}");
        builder.resource(table.clone(), tagged(route_table(), &format!("private{suffix}")));
        builder.resource(
            format!("PrivateRoute{suffix}"),
            default_route(&table).with("NatGatewayId", Value::reference(format!("NatGateway{suffix}"))),
        );
        tables.push(table);
    }
    for (zone, cidr) in (1..).zip(&private) {
        builder.resource(
            format!("PrivateSubnet{zone}"),
            tagged(subnet(zone, *cidr), &format!("private-{zone}")),
        );
        let suffix = if environment.single_nat { String::new() } else { zone.to_string() };
        builder.resource(
            format!("PrivateSubnet{zone}Routes"),
            association(&format!("PrivateSubnet{zone}"), &format!("PrivateRouteTable{suffix}")),
        );
    }

    // Free, and most of an image pull goes this way instead of through NAT.
    builder.resource(
        "S3Endpoint",
        Resource::new("AWS::EC2::VPCEndpoint")
            .with("VpcId", Value::reference("Vpc"))
            .with("VpcEndpointType", "Gateway")
            .with("ServiceName", Value::sub("com.amazonaws.${AWS::Region}.s3"))
            .with("RouteTableIds", Value::list(tables.iter().map(Value::reference)))
            .with("Tags", context.tag_list(None, Some("s3"))),
    );
    let group = Resource::new("AWS::EC2::SecurityGroup")
        .with("GroupDescription", format!("Member of every task of {}", context.names.of_what()))
        .with("VpcId", Value::reference("Vpc"));
    builder.resource("ServicesSecurityGroup", tagged(group, "services"));

    let joined = |side: &str| -> Value {
        let subnets = Value::list((1..=zones).map(|zone| Value::reference(format!("{side}Subnet{zone}"))));
        Intrinsic::Join { delimiter: ",".to_owned(), values: subnets }.into()
    };
    builder.output("VpcId", Value::reference("Vpc"), "The VPC");
    builder.output("PublicSubnetIds", joined("Public"), "Subnets with a way in and out");
    builder.output("SubnetIds", joined("Private"), "Subnets of the tasks, with a way out");
    builder.output(
        "ServicesSecurityGroupId",
        Value::get_att("ServicesSecurityGroup", "GroupId"),
        "The security group that every task is a member of",
    );
    Some(builder.finish(StackKind::Network, context.tags(None)))
}

fn subnet(zone: u32, cidr: Cidr) -> Resource {
    let zone = Intrinsic::Select {
        index: Value::from(zone - 1),
        list: Intrinsic::GetAzs(Value::reference("AWS::Region")).into(),
    };
    Resource::new("AWS::EC2::Subnet")
        .with("VpcId", Value::reference("Vpc"))
        .with("CidrBlock", cidr.to_string())
        .with("AvailabilityZone", Value::from(zone))
}

fn route_table() -> Resource {
    Resource::new("AWS::EC2::RouteTable").with("VpcId", Value::reference("Vpc"))
}

fn default_route(table: &str) -> Resource {
    Resource::new("AWS::EC2::Route")
        .with("RouteTableId", Value::reference(table))
        .with("DestinationCidrBlock", "0.0.0.0/0")
}

fn association(subnet: &str, table: &str) -> Resource {
    Resource::new("AWS::EC2::SubnetRouteTableAssociation")
        .with("SubnetId", Value::reference(subnet))
        .with("RouteTableId", Value::reference(table))
}

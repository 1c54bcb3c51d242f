//! Address ranges and firewall rules.

use std::net::Ipv4Addr;

use super::super::codes;
use super::super::linter::Linter;
use super::super::model::Resource;
use super::select::report;
use super::select::values;
use crate::source::Node;

pub(super) fn check(linter: &mut Linter<'_>) {
    subnets(linter);
    for resource in linter.model.all() {
        let rules: Vec<&Node> = match resource.kind {
            "AWS::EC2::SecurityGroup" => values(&resource, "SecurityGroupIngress")
                .into_iter()
                .chain(values(&resource, "SecurityGroupEgress"))
                .collect(),
            "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
                resource.properties.into_iter().collect()
            }
            _ => Vec::new(),
        };
        for rule in rules {
            firewall(linter, &resource, rule);
        }
        if resource.kind == "AWS::EC2::VPC" {
            block(linter, &resource, resource.get("CidrBlock"));
        }
    }
}

/// A block and its prefix, `None` for what is no block.
fn parse(text: &str) -> Option<(u32, u32)> {
    let (address, prefix) = text.split_once('/')?;
    let address: Ipv4Addr = address.parse().ok()?;
    let prefix: u32 = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
    Some((u32::from(address), prefix))
}

fn mask(prefix: u32) -> u32 {
    u32::MAX.checked_shl(32 - prefix).unwrap_or(0)
}

/// Checks a block of a network or subnet; returns it.
fn block(linter: &mut Linter<'_>, resource: &Resource<'_>, node: Option<&Node>) -> Option<(u32, u32)> {
    let text = node?.as_str()?;
    let Some((address, prefix)) = parse(text) else {
        report(linter, &codes::CIDR, resource, node, format!("`{text}` is no block such as 10.0.0.0/16"));
        return None;
    };
    if !(16..=28).contains(&prefix) {
        report(linter, &codes::CIDR, resource, node, format!("a block of /{prefix}: /16 to /28 are allowed"));
    }
    if address & !mask(prefix) != 0 {
        let start = Ipv4Addr::from(address & mask(prefix));
        report(linter, &codes::CIDR, resource, node, format!("`{text}` starts at {start}/{prefix}"));
    }
    Some((address & mask(prefix), prefix))
}

fn subnets(linter: &mut Linter<'_>) {
    let mut seen: Vec<(String, u32, u32, &str)> = Vec::new();
    for subnet in linter.model.of_type("AWS::EC2::Subnet") {
        let node = subnet.get("CidrBlock");
        let Some((start, prefix)) = block(linter, &subnet, node) else { continue };
        let network = linter.model.target(subnet.get("VpcId"));
        let extended = network.is_some_and(|network| {
            linter
                .model
                .of_type("AWS::EC2::VPCCidrBlock")
                .iter()
                .any(|more| more.get("VpcId").and_then(Node::target) == Some(network.id))
        });
        if let Some((from, size)) = network.and_then(|network| parse(network.text("CidrBlock")?))
            && !extended
            && (prefix < size || start & mask(size) != from & mask(size))
        {
            let message =
                format!("the subnet lies outside of the network `{}`", network.map_or("", |n| n.id));
            report(linter, &codes::CIDR, &subnet, node, message);
        }
        if subnet.entry.value.get("Condition").is_some() {
            continue;
        }
        let of = subnet.get("VpcId").map(|node| node.to_json().to_string()).unwrap_or_default();
        let over = seen.iter().find(|(other, from, size, _)| {
            let shorter = mask(prefix.min(*size));
            *other == of && start & shorter == from & shorter
        });
        if let Some((_, _, _, id)) = over {
            report(linter, &codes::CIDR, &subnet, node, format!("the subnet overlaps `{id}`"));
        }
        seen.push((of, start, prefix, subnet.id));
    }
}

fn firewall(linter: &mut Linter<'_>, resource: &Resource<'_>, rule: &Node) {
    if rule.function().is_some() {
        return;
    }
    let protocol = rule.get("IpProtocol").and_then(Node::scalar);
    let port = |name: &str| rule.get(name).and_then(Node::as_i64);
    if matches!(protocol.as_deref(), Some("tcp" | "udp" | "6" | "17")) {
        if let (Some(from), Some(to)) = (port("FromPort"), port("ToPort"))
            && from > to
        {
            let message = format!("the ports go from {from} to {to}");
            report(linter, &codes::FIREWALL, resource, rule.get("FromPort"), message);
        }
        for name in ["FromPort", "ToPort"] {
            if rule.get(name).is_none() {
                report(
                    linter,
                    &codes::FIREWALL,
                    resource,
                    Some(rule),
                    format!("`{name}` of the rule is missing"),
                );
            }
        }
    }
    if let Some(node) = rule.get("CidrIp")
        && let Some(text) = node.as_str()
        && parse(text).is_none()
    {
        report(linter, &codes::FIREWALL, resource, Some(node), format!("`{text}` is no IPv4 block"));
    }
}

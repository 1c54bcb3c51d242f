//! The resource types.

use std::net::SocketAddr;

use async_trait::async_trait;
use indexmap::IndexMap;
use seaway_cloud::Realised;
use seaway_cloud::TargetHealth;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use super::action::Action;
use super::condition::Condition;
use super::definition::Definitions;
use super::definition::Listener;
use super::definition::LoadBalancer;
use super::definition::Rule;
use super::definition::Settings;
use super::definition::TargetGroup;
use super::group::Group;
use super::properties;
use super::state::Elb;
use super::state::reserve;
use crate::lock::lock;
use crate::realiser::Failure;
use crate::realiser::Physical;
use crate::realiser::Realiser;
use crate::realiser::ResourceContext;
use crate::realiser::TargetGroups;

const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
const RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";
const TARGET_GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
const PREFIX: &str = "arn:aws:elasticloadbalancing:local:000000000000:";

#[async_trait]
impl Realiser for Elb {
    fn types(&self) -> &'static [&'static str] {
        &[LOAD_BALANCER, LISTENER, RULE, TARGET_GROUP]
    }

    /// As in the resource schemas (`createOnlyProperties`).
    fn replaces(&self, resource_type: &str, old: &Value, new: &Value) -> bool {
        let names: &[&str] = match resource_type {
            LOAD_BALANCER => &["Scheme", "Type", "Name"],
            LISTENER => &["LoadBalancerArn"],
            RULE => &["ListenerArn"],
            _ => &["Port", "Protocol", "VpcId", "TargetType", "Name", "ProtocolVersion"],
        };
        names.iter().any(|name| properties::scalar(&old[*name]) != properties::scalar(&new[*name]))
    }

    async fn create(&self, context: &ResourceContext, given: &Value) -> Result<Physical, Failure> {
        match context.resource_type.as_str() {
            LOAD_BALANCER => self.put_load_balancer(&load_balancer_arn(context, given), given).await,
            LISTENER => {
                let load_balancer = properties::required(given, "LoadBalancerArn")?;
                let tail = tail(&load_balancer, "loadbalancer/");
                let arn = format!("{PREFIX}listener/{tail}/{}", hash(&context.token));
                self.put_listener(&arn, given).await
            }
            RULE => {
                let listener = properties::required(given, "ListenerArn")?;
                let tail = tail(&listener, "listener/");
                let arn = format!("{PREFIX}listener-rule/{tail}/{}", hash(&context.token));
                self.put_rule(&arn, given).await
            }
            _ => {
                let arn = format!("{PREFIX}targetgroup/{}/{}", name(context, given), hash(&context.token));
                self.put_target_group(&arn, given).await
            }
        }
    }

    async fn update(
        &self,
        context: &ResourceContext,
        id: &str,
        _old: &Value,
        new: &Value,
    ) -> Result<Physical, Failure> {
        match context.resource_type.as_str() {
            LOAD_BALANCER => self.put_load_balancer(id, new).await,
            LISTENER => self.put_listener(id, new).await,
            RULE => self.put_rule(id, new).await,
            _ => self.put_target_group(id, new).await,
        }
    }

    async fn delete(&self, context: &ResourceContext, id: &str, _properties: &Value) -> Result<(), Failure> {
        let made;
        let id = if id.is_empty() {
            made = self.made_by(context);
            match &made {
                Some(arn) => arn.as_str(),
                None => return Ok(()),
            }
        } else {
            id
        };
        self.inner
            .change(|all| {
                match context.resource_type.as_str() {
                    LOAD_BALANCER => {
                        all.load_balancers.remove(id);
                        // ELB deletes the listeners of a load balancer with it.
                        all.listeners.retain(|_, listener| listener.load_balancer != id);
                    }
                    LISTENER => {
                        all.listeners.remove(id);
                    }
                    RULE => {
                        all.rules.remove(id);
                    }
                    _ => {
                        all.target_groups.remove(id);
                    }
                }
                let Definitions { listeners, rules, .. } = all;
                rules.retain(|_, rule| listeners.contains_key(&rule.listener));
                Ok(((), None))
            })
            .await?;
        if context.resource_type == TARGET_GROUP {
            self.inner.remove_group(id);
        }
        Ok(())
    }
}

impl Elb {
    /// Returns the ARN of what was made for a token: all of them end with its hash. The process
    /// may have been killed after it was made and before its stack knew.
    fn made_by(&self, context: &ResourceContext) -> Option<String> {
        let end = format!("/{}", hash(&context.token));
        let all = lock(&self.inner.definitions);
        let find = |mut arns: &mut dyn Iterator<Item = &String>| {
            Iterator::find(&mut arns, |arn| arn.ends_with(&end)).cloned()
        };
        match context.resource_type.as_str() {
            LOAD_BALANCER => find(&mut all.load_balancers.keys()),
            LISTENER => find(&mut all.listeners.keys()),
            RULE => find(&mut all.rules.keys()),
            _ => find(&mut all.target_groups.keys()),
        }
    }

    async fn put_load_balancer(&self, arn: &str, given: &Value) -> Result<Physical, Failure> {
        if let Some(kind) = properties::text(given, "Type").filter(|kind| kind != "application") {
            return Err(Failure(format!(
                "a load balancer of type {kind} cannot be realised on this machine"
            )));
        }
        let idle_timeout =
            match properties::attribute(given, "LoadBalancerAttributes", "idle_timeout.timeout_seconds") {
                None => 60,
                Some(text) => {
                    text.parse().ok().filter(|seconds| (1..=4000).contains(seconds)).ok_or_else(|| {
                        Failure(format!("idle_timeout.timeout_seconds `{text}` must be within 1-4000"))
                    })?
                }
            };
        let full_name = tail(arn, "loadbalancer/").to_owned();
        let name = full_name.split('/').nth(1).unwrap_or_default().to_owned();
        let port = self
            .inner
            .change(|all| {
                let wanted = wanted_port(given);
                let before = all.load_balancers.get(arn).map(|existing| existing.port);
                let (port, socket) = match (before, wanted) {
                    (Some(before), None) => (before, None),
                    (Some(before), Some(wanted)) if before == wanted => (before, None),
                    // Another program may have the port that is wished for: then the old one stays.
                    (Some(before), Some(wanted)) => match reserve(all, wanted)? {
                        (port, socket) if port == wanted => (port, Some((port, socket))),
                        _ => (before, None),
                    },
                    (None, wanted) => {
                        let (port, socket) = reserve(all, wanted.unwrap_or(80))?;
                        (port, Some((port, socket)))
                    }
                };
                for listener in all.listeners.values_mut() {
                    if listener.load_balancer == arn && Some(listener.local_port) == before {
                        listener.local_port = port;
                    }
                }
                all.load_balancers
                    .insert(arn.to_owned(), LoadBalancer { name: name.clone(), port, idle_timeout });
                Ok((port, socket))
            })
            .await?;
        Ok(physical(
            arn,
            [
                ("DNSName", format!("localhost:{port}")),
                ("LoadBalancerArn", arn.to_owned()),
                ("LoadBalancerFullName", full_name),
                ("LoadBalancerName", name),
                ("CanonicalHostedZoneID", "ZLOCAL".to_owned()),
                ("SecurityGroups", properties::texts(given, "SecurityGroups").join(",")),
            ],
        ))
    }

    async fn put_listener(&self, arn: &str, given: &Value) -> Result<Physical, Failure> {
        let load_balancer = properties::required(given, "LoadBalancerArn")?;
        let port: u16 = properties::number(given, "Port")?
            .ok_or_else(|| Failure("the property Port is missing".to_owned()))?;
        let protocol = properties::text(given, "Protocol").unwrap_or_else(|| "HTTP".to_owned());
        if !["HTTP", "HTTPS"].contains(&protocol.as_str()) {
            return Err(Failure(format!(
                "a listener of protocol {protocol} cannot be realised on this machine"
            )));
        }
        let default = Action::read(given, "DefaultActions")?;
        self.inner
            .change(|all| {
                let Some(owner) = all.load_balancers.get(&load_balancer) else {
                    return Err(Failure(format!("Load balancer '{load_balancer}' not found (ELBv2 LoadBalancerNotFound)")));
                };
                let address = owner.port;
                require_groups(all, &default)?;
                let clash = all.listeners.iter().any(|(other, listener)| {
                    other != arn && listener.load_balancer == load_balancer && listener.port == port
                });
                if clash {
                    return Err(Failure(format!(
                        "A listener already exists on this port for this load balancer '{load_balancer}' (ELBv2 DuplicateListener; port {port})"
                    )));
                }
                let (local_port, socket) = match all.listeners.get(arn) {
                    Some(existing) if existing.port == port => (existing.local_port, None),
                    _ if port == 80 => (address, None),
                    _ => {
                        let (local_port, socket) = reserve(all, port)?;
                        (local_port, Some((local_port, socket)))
                    }
                };
                let listener = Listener { load_balancer: load_balancer.clone(), port, protocol, local_port, default };
                all.listeners.insert(arn.to_owned(), listener);
                Ok(((), socket))
            })
            .await?;
        Ok(physical(arn, [("ListenerArn", arn.to_owned())]))
    }

    async fn put_rule(&self, arn: &str, given: &Value) -> Result<Physical, Failure> {
        let listener = properties::required(given, "ListenerArn")?;
        let priority = properties::number(given, "Priority")?
            .filter(|priority| (1..=50_000).contains(priority))
            .ok_or_else(|| Failure("Priority must be a number from 1 to 50000".to_owned()))?;
        let action = Action::read(given, "Actions")?;
        let conditions = properties::list(given, "Conditions")
            .iter()
            .map(Condition::read)
            .collect::<Result<Vec<_>, _>>()?;
        if conditions.is_empty() {
            return Err(Failure("Rule conditions must be specified".to_owned()));
        }
        self.inner
            .change(|all| {
                if !all.listeners.contains_key(&listener) {
                    return Err(Failure(format!("Listener '{listener}' not found (ELBv2 ListenerNotFound)")));
                }
                require_groups(all, &action)?;
                let clash = all.rules.iter().any(|(other, rule)| {
                    other != arn && rule.listener == listener && rule.priority == priority
                });
                if clash {
                    return Err(Failure(format!(
                        "Priority '{priority}' is currently in use (ELBv2 PriorityInUse)"
                    )));
                }
                let rule = Rule { listener: listener.clone(), priority, conditions, action };
                all.rules.insert(arn.to_owned(), rule);
                Ok(((), None))
            })
            .await?;
        Ok(physical(arn, [("RuleArn", arn.to_owned()), ("IsDefault", "false".to_owned())]))
    }

    async fn put_target_group(&self, arn: &str, given: &Value) -> Result<Physical, Failure> {
        let settings = Settings::read(given)?;
        let full_name = tail(arn, "000000000000:").to_owned();
        let name = full_name.split('/').nth(1).unwrap_or_default().to_owned();
        // In the map first: a listener that names it may be restored or created at once.
        self.inner.put_group(arn, Group::new(&name, settings.clone()));
        self.inner
            .change(|all| {
                let group = TargetGroup { name: name.clone(), settings };
                all.target_groups.insert(arn.to_owned(), group);
                Ok(((), None))
            })
            .await?;
        Ok(physical(
            arn,
            [
                ("TargetGroupArn", arn.to_owned()),
                ("TargetGroupFullName", full_name),
                ("TargetGroupName", name),
            ],
        ))
    }
}

#[async_trait]
impl TargetGroups for Elb {
    async fn register(&self, target_group: &str, target: &str, address: SocketAddr) {
        if let Some(group) = self.inner.group(target_group) {
            group.register(target, address);
        }
    }

    async fn deregister(&self, target_group: &str, target: &str) {
        if let Some(group) = self.inner.group(target_group) {
            group.deregister(target);
        }
    }

    async fn health(&self, target_group: &str, target: &str) -> Option<TargetHealth> {
        self.inner.group(target_group)?.health(target)
    }
}

fn require_groups(all: &Definitions, action: &Action) -> Result<(), Failure> {
    match action.groups().find(|arn| !all.target_groups.contains_key(*arn)) {
        Some(arn) => Err(Failure(format!("Target groups '{arn}' not found (ELBv2 TargetGroupNotFound)"))),
        None => Ok(()),
    }
}

fn physical<const N: usize>(arn: &str, attributes: [(&str, String); N]) -> Physical {
    let attributes: IndexMap<String, String> =
        attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Physical { id: arn.to_owned(), attributes, realised: Realised::Live }
}

fn load_balancer_arn(context: &ResourceContext, given: &Value) -> String {
    format!("{PREFIX}loadbalancer/app/{}/{}", name(context, given), hash(&context.token))
}

/// Returns the name that is given, or one as CloudFormation makes it: stack and logical id,
/// shortened, and something unique, at most 32 characters.
fn name(context: &ResourceContext, given: &Value) -> String {
    if let Some(name) = properties::text(given, "Name") {
        return name;
    }
    let part = |text: &str, length: usize| -> String {
        text.chars().filter(|next| next.is_ascii_alphanumeric() || *next == '-').take(length).collect()
    };
    let unique = &hash(&context.token)[..8];
    format!("{}-{}-{unique}", part(&context.stack, 11).trim_matches('-'), part(&context.logical_id, 11))
}

fn hash(token: &str) -> String {
    hex::encode(&Sha256::digest(token.as_bytes())[..8])
}

fn tail<'a>(arn: &'a str, after: &str) -> &'a str {
    arn.split_once(after).map_or(arn, |(_, tail)| tail)
}

/// Returns the port of the tag `seaway:local-port`: the one that the Compose file publishes.
fn wanted_port(given: &serde_json::Value) -> Option<u16> {
    let tags = given.get("Tags")?.as_array()?;
    let tag = tags.iter().find(|tag| tag.get("Key").is_some_and(|key| key == "seaway:local-port"))?;
    tag.get("Value")?.as_str()?.parse().ok()
}

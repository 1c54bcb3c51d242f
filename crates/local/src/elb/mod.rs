//! Load balancers: a real HTTP/1.1 proxy for every listener, with the template's own rules,
//! weights, stickiness, health checks and draining.
//!
//! [`Elb`] realises `AWS::ElasticLoadBalancingV2::*` and gives ECS its target groups. What an
//! Application Load Balancer does and this one cannot (TLS, HTTP/2 and gRPC towards targets,
//! authentication, regular expressions) is refused with a reason, never left out silently; an
//! HTTPS listener is served as plain HTTP on its local port.

mod action;
mod body;
mod condition;
mod cookie;
mod definition;
mod forward;
mod group;
mod health;
mod listen;
mod page;
mod properties;
mod proxy;
mod resources;
#[cfg(test)]
mod routing_tests;
mod state;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod wildcard;
#[cfg(test)]
mod wire_tests;

pub(crate) use state::Elb;
pub(crate) use state::ListenerStatus;

//! All parts of a workload's stack put together.

use seaway_cfn::Intrinsic;
use seaway_cfn::Value;
use seaway_model::Kind;
use seaway_model::Workload;

use super::edges;
use super::edges::Grant;
use super::logs;
use super::roles;
use super::routing;
use super::scaling;
use super::schedule;
use super::security;
use super::service;
use super::spec;
use super::task_definition;
use crate::StackKind;
use crate::StackSpec;
use crate::builder::Builder;
use crate::context::Context;
use crate::resources::Resources;

/// What the parts of a workload's stack share.
pub(super) struct Parts<'a, 'b> {
    pub(super) context: &'b Context<'a>,
    pub(super) workload: &'b Workload,
    /// Name of the stack and family of the task definition.
    pub(super) stack: String,
    /// Tags of everything in the stack.
    pub(super) tags: Value,
    /// Variables that resources inject, for every container.
    pub(super) variables: Vec<(String, Value)>,
    /// Access to resources: actions and ARNs.
    pub(super) access: Vec<Grant>,
    /// Variables that come from secrets of resources: name, what ECS reads.
    pub(super) secret_variables: Vec<(String, Value)>,
    /// Secrets that ECS must be able to read for them.
    pub(super) secret_arns: Vec<Value>,
    /// A metric of a resource scales it.
    pub(super) scaled: bool,
}

impl Parts<'_, '_> {
    /// Returns true when interactive sessions are possible.
    pub(super) fn exec(&self) -> bool {
        match &self.workload.kind {
            Kind::Service(service) => service.exec,
            // A session into a job or task is asked for when it is started.
            _ => self.workload.containers.iter().all(|container| !container.read_only),
        }
    }
}

/// Returns the stack of a workload.
pub(crate) fn synth(context: &Context<'_>, resources: &Resources<'_>, workload: &Workload) -> StackSpec {
    let stack = context.names.workload(&workload.name);
    let description =
        format!("{} {} of {}", capital(workload.kind.as_str()), workload.name, context.names.of_what());
    let mut builder = Builder::new(stack.clone(), description);
    let mut parts = Parts {
        context,
        workload,
        stack,
        tags: context.tag_list(Some(&workload.name), None),
        variables: Vec::new(),
        access: Vec::new(),
        secret_variables: Vec::new(),
        secret_arns: Vec::new(),
        scaled: false,
    };
    edges::collect(&mut parts, resources, &mut builder);

    logs::synth(&parts, &mut builder);
    roles::synth(&parts, &mut builder);
    task_definition::synth(&parts, resources, &mut builder);
    let network = security::synth(&parts, &mut builder);
    let rules = edges::open_ports(&parts, resources, &mut builder);
    match &workload.kind {
        Kind::Service(kind) => {
            let mut attachments = routing::synth(&parts, kind, &mut builder);
            attachments.rules.extend(rules);
            service::synth(&parts, kind, &network, attachments, &mut builder);
            scaling::synth(&parts, resources, &mut builder);
        }
        Kind::Job(job) => schedule::synth(&parts, job, &network, &mut builder),
        Kind::Task(_) => {}
    }
    outputs(context, &network, &mut builder);
    for edge in &workload.depends_on {
        builder.depend_on(&context.names.workload(&edge.workload));
    }
    let spec = spec::describe(context, workload);
    builder.finish(StackKind::Workload(Box::new(spec)), context.tags(Some(&workload.name)))
}

fn outputs(context: &Context<'_>, network: &security::Network, builder: &mut Builder) {
    let join = |values: Value| -> Value { Intrinsic::Join { delimiter: ",".to_owned(), values }.into() };
    let cluster = context.platform_output(builder, "ClusterName", "String", "The cluster");
    builder.output("TaskDefinitionArn", Value::reference("TaskDefinition"), "The task definition");
    builder.output("ClusterName", cluster, "The cluster");
    builder.output("SubnetIds", join(network.subnets.clone()), "Subnets of the tasks");
    builder.output("SecurityGroupIds", join(network.groups.clone()), "Security groups of the tasks");
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

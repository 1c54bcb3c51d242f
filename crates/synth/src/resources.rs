//! The resources stacks: queues and whatever other kinds there are.
//!
//! Data lives here, so a resource keeps its stack for as long as possible: stacks are filled in
//! file order, and a resource that others need goes with or before them.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_kinds::Kind;
use seaway_kinds::Network;
use seaway_kinds::Reference;
use seaway_kinds::Synth;
use seaway_model::Resource;

use crate::ParameterSource;
use crate::StackKind;
use crate::StackSpec;
use crate::builder::Builder;
use crate::codes;
use crate::context::Context;
use crate::naming::logical_id;

/// Attribute of a resource in the network: the security group in front of it.
pub(crate) const SECURITY_GROUP: &str = "SecurityGroupId";
/// Attribute of a resource with credentials: the secret that holds them.
pub(crate) const SECRET: &str = "SecretArn";

/// Resources of a stack: with four outputs each it stays below the 200 outputs of a stack.
const PER_STACK: usize = 45;

/// Where a resource is, and what it is called there.
pub(crate) struct Placed<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) kind: &'static dyn Kind,
    /// Stack name; of one that is looked up: none.
    stack: String,
    /// Logical id.
    id: String,
    /// Attributes of one that is looked up.
    found: Option<&'a IndexMap<String, String>>,
}

impl Placed<'_> {
    /// Returns the name of the output (and of the parameter that takes it) of an attribute.
    fn output(&self, attribute: &str) -> String {
        format!("{}{attribute}", self.id)
    }

    /// Returns its logical id, unique in the application.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns an attribute for another stack: a parameter, or what was looked up.
    pub(crate) fn attribute(&self, builder: &mut Builder, attribute: &str) -> Value {
        if let Some(found) = self.found {
            return found.get(attribute).map_or(Value::Null, |text| Value::from(text.as_str()));
        }
        let output = self.output(attribute);
        let description = format!("{attribute} of {} {}", self.resource.module, self.resource.name.value);
        let source = ParameterSource::Output { stack: self.stack.clone(), output: output.clone() };
        builder.parameter(&output, "String", &description, source)
    }

    /// Returns the attribute that a reference means.
    fn meant<'r>(&self, reference: &'r Reference) -> &'r str {
        reference.attribute.as_deref().unwrap_or(self.kind.facts().arn_attribute)
    }
}

/// All resources with their places.
pub(crate) struct Resources<'a> {
    /// Those that are made, in the order of their stacks.
    placed: Vec<Placed<'a>>,
    /// Those that are looked up.
    found: Vec<Placed<'a>>,
    /// (module, name) → those that refer to it.
    needed_by: IndexMap<(String, String), Vec<&'a Resource>>,
    /// (module, name) → attributes that others refer to.
    asked: IndexMap<(String, String), Vec<String>>,
}

impl<'a> Resources<'a> {
    /// Gives every resource its place.
    pub(crate) fn place(context: &Context<'a>) -> Self {
        let mut resources = Resources {
            placed: Vec::new(),
            found: Vec::new(),
            needed_by: IndexMap::new(),
            asked: IndexMap::new(),
        };
        let all: IndexMap<(&str, &str), &'a Resource> = context
            .app
            .resources
            .iter()
            .map(|resource| ((resource.module.as_str(), resource.name.value.as_str()), resource))
            .collect();
        let mut pending: Vec<&'a Resource> = Vec::new();
        for kind in seaway_kinds::KINDS {
            for resource in context.app.resources.iter().filter(|resource| resource.module == kind.key()) {
                // Those that it needs go before it; a chain ends where one is placed or in a circle.
                pending.push(resource);
                let mut index = 0;
                while let Some(current) = pending.get(index).copied() {
                    index += 1;
                    let Some(kind) = seaway_kinds::find(&current.module) else { continue };
                    for reference in kind.needs(current) {
                        if let Some(needed) =
                            all.get(&(reference.module.as_str(), reference.name.as_str())).copied()
                            && !pending.iter().any(|known| std::ptr::eq(*known, needed))
                        {
                            pending.push(needed);
                        }
                    }
                }
                while let Some(next) = pending.pop() {
                    resources.add(context, next);
                }
            }
        }
        for container in context.app.workloads.values().flat_map(|workload| &workload.containers) {
            for reference in
                container.environment.values().filter_map(|text| seaway_kinds::parse_reference(text))
            {
                resources.ask(&reference);
            }
        }
        resources
    }

    fn ask(&mut self, reference: &Reference) {
        let key = (reference.module.clone(), reference.name.clone());
        let attribute = reference.attribute.clone().or_else(|| {
            seaway_kinds::find(&reference.module).map(|kind| kind.facts().arn_attribute.to_owned())
        });
        if let Some(attribute) = attribute {
            self.asked.entry(key).or_default().push(attribute);
        }
    }

    fn add(&mut self, context: &Context<'a>, resource: &'a Resource) {
        let Some(kind) = seaway_kinds::find(&resource.module) else { return };
        if self.find(&resource.module, &resource.name.value).is_some() {
            return;
        }
        for reference in kind.needs(resource) {
            self.ask(&reference);
            let users = self.needed_by.entry((reference.module, reference.name)).or_default();
            if !users.iter().any(|known| std::ptr::eq(*known, resource)) {
                users.push(resource);
            }
        }
        let id = format!("{}{}", kind.id_prefix(), logical_id(&resource.name.value));
        if resource.lookup.is_some() {
            let found = seaway_kinds::found(context.app, resource);
            self.found.push(Placed { resource, kind, stack: String::new(), id, found });
        } else {
            let stack = context.names.resources(self.placed.len() / PER_STACK);
            self.placed.push(Placed { resource, kind, stack, id, found: None });
        }
    }

    /// Returns a resource by its module and name.
    fn find(&self, module: &str, name: &str) -> Option<&Placed<'a>> {
        self.placed
            .iter()
            .chain(&self.found)
            .find(|placed| placed.resource.module == module && placed.resource.name.value == name)
    }

    /// Returns the value of a reference for a stack of a workload.
    pub(crate) fn value_of(&self, builder: &mut Builder, reference: &Reference) -> Option<Value> {
        let placed = self.find(&reference.module, &reference.name)?;
        Some(placed.attribute(builder, placed.meant(reference)))
    }

    /// Returns the resources that a workload has an edge to, in the order of their places.
    pub(crate) fn of_workload(&self, workload: &str) -> impl Iterator<Item = &Placed<'a>> {
        self.placed
            .iter()
            .chain(&self.found)
            .filter(move |placed| placed.resource.services.contains_key(workload))
    }

    /// Returns the key by which a resource is encrypted, when it is one of this file.
    pub(crate) fn key_of(&self, placed: &Placed<'_>) -> Option<&Placed<'a>> {
        let property = placed.kind.facts().key_property?;
        let node = placed.resource.properties.as_ref()?.as_map()?.get(property)?;
        let reference = seaway_kinds::parse_reference(node.as_str()?)?;
        self.find(&reference.module, &reference.name)
    }

    /// Returns the stacks.
    pub(crate) fn synth(&self, context: &Context<'a>, sink: &mut Sink) -> Vec<StackSpec> {
        self.placed.chunks(PER_STACK).map(|chunk| self.synth_stack(context, chunk, sink)).collect()
    }

    fn synth_stack(&self, context: &Context<'a>, chunk: &[Placed<'a>], sink: &mut Sink) -> StackSpec {
        let stack = chunk.first().map(|placed| placed.stack.clone()).unwrap_or_default();
        let description = format!("Resources of {}", context.names.of_what());
        let mut builder = Builder::new(stack.clone(), description);
        let environment = &context.app.environment;
        let tags = context.tag_list(None, None);
        let network = chunk.iter().any(|placed| placed.kind.facts().networked).then(|| Network {
            vpc: context.network_output(&mut builder, "VpcId", "AWS::EC2::VPC::Id", "The VPC"),
            subnets: context.network_output(
                &mut builder,
                "SubnetIds",
                "List<AWS::EC2::Subnet::Id>",
                "Subnets of the tasks",
            ),
        });
        for placed in chunk {
            let key = (placed.resource.module.clone(), placed.resource.name.value.clone());
            let needed_by = self.needed_by.get(&key).map(Vec::as_slice).unwrap_or_default();
            // References into other stacks become parameters, which need the builder itself.
            let mut values: Vec<(Reference, Value)> = Vec::new();
            for reference in placed.kind.needs(placed.resource) {
                let Some(other) = self.find(&reference.module, &reference.name) else { continue };
                if other.found.is_some() || other.stack != stack {
                    let value = other.attribute(&mut builder, other.meant(&reference));
                    values.push((reference, value));
                }
            }
            let made = placed.kind.synth(&Synth {
                app: context.app,
                resource: placed.resource,
                id: &placed.id,
                needed_by,
                value_of: &|reference| {
                    if let Some((_, value)) = values.iter().find(|(known, _)| known.same(reference)) {
                        return Some(value.clone());
                    }
                    let other = self.find(&reference.module, &reference.name)?;
                    (other.found.is_none() && other.stack == stack)
                        .then(|| other.kind.attribute(other.resource, &other.id, other.meant(reference)))?
                },
                network: network.as_ref(),
                disposable: environment.is_local() || environment.ephemeral_ttl.is_some(),
                tags: &tags,
            });
            for (id, resource) in made {
                if builder.has(&id) {
                    sink.push(taken(placed, &id));
                }
                builder.resource(id, resource);
            }
            for attribute in self.outputs(placed) {
                if let Some(value) = placed.kind.attribute(placed.resource, &placed.id, attribute) {
                    let description =
                        format!("{attribute} of {} {}", placed.resource.module, placed.resource.name.value);
                    let output = placed.output(attribute);
                    if builder.gives(&output) {
                        sink.push(taken(placed, &output));
                    }
                    builder.output(&output, value, &description);
                }
            }
        }
        builder.finish(StackKind::Resources, context.tags(None))
    }

    /// Returns the attributes that the stack hands out: ARN, the default one, and those asked for.
    fn outputs(&self, placed: &Placed<'a>) -> Vec<&'static str> {
        let facts = placed.kind.facts();
        let resource = placed.resource;
        let key = (resource.module.clone(), resource.name.value.clone());
        let asked = self.asked.get(&key).map(Vec::as_slice).unwrap_or_default();
        let edges = || resource.services.values();
        let scaled = edges().any(|edge| edge.scaling.is_some());
        let metric = placed.kind.metric(resource).filter(|_| scaled).and_then(|metric| metric.dimension);
        let used = !resource.services.is_empty();
        let secret = edges().any(|edge| !placed.kind.secrets(resource, edge).is_empty());
        facts
            .attributes
            .iter()
            .map(|attribute| attribute.name)
            .filter(|name| {
                *name == facts.arn_attribute
                    || *name == facts.default_attribute
                    || asked.iter().any(|known| known == name)
                    || metric.is_some_and(|(_, attribute)| attribute == *name)
                    || (used && facts.networked && *name == SECURITY_GROUP)
                    || (secret && *name == SECRET)
                    || edges().any(|edge| edge.return_values.contains_key(*name))
            })
            .collect()
    }
}

/// What belongs to a resource is named after it, which another resource may be, too: `a` with its
/// alias, and `a-alias`.
fn taken(placed: &Placed<'_>, id: &str) -> Diagnostic {
    let name = &placed.resource.name;
    Diagnostic::error(
        codes::NAME_TAKEN,
        format!("`{}` of `{}` cannot have this name", name.value, placed.resource.module),
    )
    .label(name.span, format!("`{id}` would be there twice in the stack"))
    .help("give it another name")
}

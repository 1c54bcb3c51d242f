//! The resources stacks: queues and whatever other kinds there are.
//!
//! Data lives here, so a resource keeps its stack for as long as possible: stacks are filled in
//! file order, and a resource that others need goes with or before them.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_kinds::Kind;
use seaway_kinds::Synth;
use seaway_model::Resource;

use crate::ParameterSource;
use crate::StackKind;
use crate::StackSpec;
use crate::builder::Builder;
use crate::context::Context;
use crate::naming::logical_id;

/// Resources of a stack: with four outputs each it stays below the 200 outputs of a stack.
const PER_STACK: usize = 45;

/// Where a resource is, and what it is called there.
pub(crate) struct Placed<'a> {
    pub(crate) resource: &'a Resource,
    pub(crate) kind: &'static dyn Kind,
    /// Stack name.
    stack: String,
    /// Logical id.
    id: String,
}

impl Placed<'_> {
    /// Returns the name of the output (and of the parameter that takes it) of an attribute.
    fn output(&self, attribute: &str) -> String {
        format!("{}{attribute}", self.id)
    }

    /// Returns a parameter of another stack that takes an attribute.
    pub(crate) fn attribute(&self, builder: &mut Builder, attribute: &str) -> Value {
        let output = self.output(attribute);
        let description = format!("{attribute} of {} {}", self.resource.module, self.resource.name.value);
        let source = ParameterSource::Output { stack: self.stack.clone(), output: output.clone() };
        builder.parameter(&output, "String", &description, source)
    }
}

/// All resources with their places.
pub(crate) struct Resources<'a> {
    placed: Vec<Placed<'a>>,
    /// Workload → indexes of the resources that name it.
    of_workload: IndexMap<&'a str, Vec<usize>>,
    /// (module, name) → those of the module that need it.
    needed_by: IndexMap<(String, String), Vec<&'a Resource>>,
    /// (module, name) → index.
    by_name: IndexMap<(&'a str, &'a str), usize>,
}

impl<'a> Resources<'a> {
    /// Gives every resource its place.
    pub(crate) fn place(context: &Context<'a>) -> Self {
        let mut resources = Resources {
            placed: Vec::new(),
            of_workload: IndexMap::new(),
            needed_by: IndexMap::new(),
            by_name: IndexMap::new(),
        };
        let all: IndexMap<(&str, &str), &'a Resource> = context
            .app
            .resources
            .iter()
            .map(|resource| ((resource.module.as_str(), resource.name.value.as_str()), resource))
            .collect();
        let mut pending: Vec<&'a Resource> = Vec::new();
        for resource in &context.app.resources {
            // Those that it needs go before it; a chain ends where one is placed or in a circle.
            pending.push(resource);
            let mut index = 0;
            while let Some(current) = pending.get(index).copied() {
                index += 1;
                let Some(kind) = seaway_kinds::find(&current.module) else { continue };
                for name in kind.needs(current) {
                    if let Some(needed) = all.get(&(current.module.as_str(), name.as_str())).copied()
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
        resources
    }

    fn add(&mut self, context: &Context<'a>, resource: &'a Resource) {
        let key = (resource.module.as_str(), resource.name.value.as_str());
        let Some(kind) = seaway_kinds::find(&resource.module) else { return };
        if self.by_name.contains_key(&key) {
            return;
        }
        for name in kind.needs(resource) {
            self.needed_by.entry((resource.module.clone(), name)).or_default().push(resource);
        }
        let index = self.placed.len();
        self.by_name.insert(key, index);
        for workload in resource.services.keys() {
            self.of_workload.entry(workload).or_default().push(index);
        }
        self.placed.push(Placed {
            resource,
            kind,
            stack: context.names.resources(index / PER_STACK),
            id: format!("{}{}", kind.id_prefix(), logical_id(&resource.name.value)),
        });
    }

    /// Returns the resources that a workload has an edge to, in the order of their places.
    pub(crate) fn of_workload(&self, workload: &str) -> impl Iterator<Item = &Placed<'a>> {
        self.of_workload.get(workload).into_iter().flatten().filter_map(|index| self.placed.get(*index))
    }

    /// Returns the stacks.
    pub(crate) fn synth(&self, context: &Context<'a>) -> Vec<StackSpec> {
        self.placed.chunks(PER_STACK).map(|chunk| self.synth_stack(context, chunk)).collect()
    }

    fn synth_stack(&self, context: &Context<'a>, chunk: &[Placed<'a>]) -> StackSpec {
        let stack = chunk.first().map(|placed| placed.stack.clone()).unwrap_or_default();
        let description = format!("Resources of {}", context.names.of_what());
        let mut builder = Builder::new(stack.clone(), description);
        let environment = &context.app.environment;
        let tags = context.tag_list(None, None);
        for placed in chunk {
            let key = (placed.resource.module.clone(), placed.resource.name.value.clone());
            let needed_by = self.needed_by.get(&key).map(Vec::as_slice).unwrap_or_default();
            // References into other stacks become parameters, which need the builder itself.
            let mut arns: IndexMap<String, Value> = IndexMap::new();
            for name in placed.kind.needs(placed.resource) {
                let Some(other) = self.by_name.get(&(placed.resource.module.as_str(), name.as_str())) else {
                    continue;
                };
                let Some(other) = self.placed.get(*other) else { continue };
                let attribute = other.kind.arn_attribute();
                let value = if other.stack == stack {
                    other.kind.attribute(&other.id, attribute)
                } else {
                    Some(other.attribute(&mut builder, attribute))
                };
                if let Some(value) = value {
                    arns.insert(name, value);
                }
            }
            let made = placed.kind.synth(&Synth {
                resource: placed.resource,
                id: &placed.id,
                needed_by,
                arn_of: &|name| arns.get(name).cloned(),
                disposable: environment.is_local() || environment.ephemeral_ttl.is_some(),
                tags: &tags,
            });
            for (id, resource) in made {
                builder.resource(id, resource);
            }
            for attribute in self.outputs(placed) {
                if let Some(value) = placed.kind.attribute(&placed.id, attribute) {
                    let description =
                        format!("{attribute} of {} {}", placed.resource.module, placed.resource.name.value);
                    builder.output(&placed.output(attribute), value, &description);
                }
            }
        }
        builder.finish(StackKind::Resources, context.tags(None))
    }

    /// Returns the attributes that the stack hands out: ARN, the default one, and those asked for.
    fn outputs(&self, placed: &Placed<'a>) -> Vec<&'static str> {
        placed
            .kind
            .attributes()
            .iter()
            .copied()
            .filter(|attribute| {
                *attribute == placed.kind.arn_attribute()
                    || *attribute == placed.kind.default_attribute()
                    || placed
                        .resource
                        .services
                        .values()
                        .any(|edge| edge.return_values.contains_key(*attribute))
            })
            .collect()
    }
}

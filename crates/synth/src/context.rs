//! What all concerns need to know.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_model::App;
use seaway_model::Kind;
use seaway_model::Service;
use seaway_model::Workload;

use crate::ParameterSource;
use crate::builder::Builder;
use crate::naming::Names;

/// The application, its names and what depends on all of it.
pub(crate) struct Context<'a> {
    pub(crate) app: &'a App,
    pub(crate) names: Names,
    /// At least one workload has a route.
    pub(crate) routed: bool,
    /// At least one workload is a service.
    pub(crate) serving: bool,
}

impl<'a> Context<'a> {
    pub(crate) fn new(app: &'a App) -> Self {
        let services = || app.workloads.values().filter_map(service_of);
        Context {
            app,
            names: Names::new(app),
            routed: services().any(|service| !service.routes.is_empty()),
            serving: services().next().is_some(),
        }
    }

    /// Returns the tags of a stack and of everything in it: ours, then the user's.
    pub(crate) fn tags(&self, workload: Option<&str>) -> IndexMap<String, String> {
        let mut tags = IndexMap::from([
            ("seaway:app".to_owned(), self.app.name.clone()),
            ("seaway:env".to_owned(), self.app.environment.name.clone()),
        ]);
        if let Some(workload) = workload {
            tags.insert("seaway:workload".to_owned(), workload.to_owned());
        }
        tags.extend(self.app.tags.iter().map(|(key, value)| (key.clone(), value.clone())));
        tags
    }

    /// Returns the tags as CloudFormation writes them; `name` adds the `Name` that consoles show.
    pub(crate) fn tag_list(&self, workload: Option<&str>, name: Option<&str>) -> Value {
        let mut tags = self.tags(workload);
        if let Some(name) = name {
            tags.entry("Name".to_owned()).or_insert_with(|| format!("{}-{name}", self.names.prefix()));
        }
        Value::list(
            tags.into_iter()
                .map(|(key, value)| Value::map([("Key", Value::from(key)), ("Value", Value::from(value))])),
        )
    }

    /// Returns a parameter that takes an output of the network stack.
    pub(crate) fn network_output(
        &self,
        builder: &mut Builder,
        name: &str,
        kind: &str,
        description: &str,
    ) -> Value {
        from(builder, self.names.network(), name, kind, description)
    }

    /// Returns a parameter that takes an output of the platform stack.
    pub(crate) fn platform_output(
        &self,
        builder: &mut Builder,
        name: &str,
        kind: &str,
        description: &str,
    ) -> Value {
        from(builder, self.names.platform(), name, kind, description)
    }

    /// Returns the weights of the capacity providers.
    pub(crate) fn capacity(&self) -> Value {
        Value::list(self.app.environment.capacity.iter().filter(|(_, weight)| **weight > 0).map(
            |(provider, weight)| {
                Value::map([
                    ("CapacityProvider", Value::from(provider.as_str())),
                    ("Weight", Value::from(*weight)),
                ])
            },
        ))
    }
}

fn from(builder: &mut Builder, stack: String, name: &str, kind: &str, description: &str) -> Value {
    builder.parameter(name, kind, description, ParameterSource::Output { stack, output: name.to_owned() })
}

/// Returns the service of a workload that is one.
pub(crate) fn service_of(workload: &Workload) -> Option<&Service> {
    match &workload.kind {
        Kind::Service(service) => Some(service),
        _ => None,
    }
}

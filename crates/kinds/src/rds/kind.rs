//! Relational databases as a kind: cluster or instance, secret, parameters, subnets, security group.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_diag::Diagnostic;
use seaway_diag::Sink;
use seaway_diag::nearest;
use seaway_model::AccessEdge;
use seaway_model::App;
use seaway_model::Resource;

use super::data;
use super::engine;
use crate::Facts;
use crate::Kind;
use crate::SecretVariable;
use crate::Synth;
use crate::cluster;
use crate::codes;
use crate::common;
use crate::networked;
use crate::shape;

/// The kind `x-rds`.
pub(crate) struct Rds;

const INSTANCE: &str = "AWS::RDS::DBInstance";

/// Class of an instance when none is given.
const CLASS: &str = "db.t4g.medium";

/// Properties that we set ourselves: credentials never stand in a file.
const OURS: &[&str] = &["MasterUsername", "MasterUserPassword", "ManageMasterUserPassword"];

fn is_instance(resource: &Resource) -> bool {
    engine::of(resource).is_some_and(|engine| !engine.cluster)
}

impl Kind for Rds {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn resource_type(&self, resource: &Resource) -> &'static str {
        if is_instance(resource) { INSTANCE } else { data::FACTS.resource_type }
    }

    fn attribute(&self, resource: &Resource, id: &str, name: &str) -> Option<Value> {
        match name {
            "Arn" if is_instance(resource) => Some(Value::get_att(id, "DBInstanceArn")),
            "ReadEndpoint" if is_instance(resource) => Some(Value::get_att(id, "Endpoint.Address")),
            _ => common::attribute(&data::FACTS, id, name),
        }
    }

    fn port(&self, resource: &Resource) -> Option<u16> {
        let usual = engine::of(resource).map_or(5_432, |engine| engine.port);
        Some(networked::port(resource, "Port", usual))
    }

    fn secrets(&self, resource: &Resource, edge: &AccessEdge) -> Vec<SecretVariable> {
        networked::variables(resource, edge)
    }

    fn check(&self, resource: &Resource, _: &App, sink: &mut Sink) {
        if resource.lookup.is_some() {
            return;
        }
        let name = &resource.name;
        let engines = || engine::ENGINES.iter().map(|engine| engine.name);
        let list: Vec<&str> = engines().collect();
        let Some(found) = engine::of(resource) else {
            let finding = Diagnostic::error(
                codes::BAD_PROPERTY,
                format!("database `{}` has no engine that there is", name.value),
            );
            sink.push(match engine::written(resource, "Engine") {
                Some(node) => {
                    let near = nearest(node.as_str().unwrap_or_default(), engines());
                    finding.label(node.span, "no such engine").help(match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("there are {}", list.join(", ")),
                    })
                }
                None => finding
                    .label(name.span, "no `Engine`")
                    .help("write `MacroParameters: { Engine: aurora-postgresql, EngineVersion: '17.9' }`"),
            });
            return;
        };
        if engine::written(resource, "EngineVersion").is_none() {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!("database `{}` has no `EngineVersion`", name.value),
                )
                .label(name.span, "what RDS takes by default changes with time")
                .help(format!("versions begin with {}", found.versions().join(", "))),
            );
        }
        if let Some(node) = engine::written(resource, "EngineVersion")
            && node.as_str().is_none_or(|version| found.major(version).is_none())
        {
            sink.push(
                Diagnostic::error(
                    codes::BAD_PROPERTY,
                    format!(
                        "`{}` is no version of {} that RDS offers",
                        node.as_str().unwrap_or_default(),
                        found.name
                    ),
                )
                .label(node.span, "this version")
                .help(format!("versions begin with {}", found.versions().join(", "))),
            );
        }
        for key in OURS {
            if let Some(node) = common::property(resource, key) {
                sink.push(
                    Diagnostic::warning(
                        codes::BAD_PROPERTY,
                        format!("`{key}` of database `{}` is left out", name.value),
                    )
                    .label(node.span, "credentials are generated into a secret")
                    .help("take it out"),
                );
            }
        }
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let (id, resource) = (input.id, input.resource);
        let mut made = IndexMap::new();
        let Some(found) = engine::of(resource) else { return made };
        made.insert(format!("{id}Secret"), networked::secret(input, "dbadmin", "\"@/\\ '%:"));
        cluster::surroundings(input, "AWS::RDS::DBSubnetGroup", &mut made);
        let version = common::text(engine::written(resource, "EngineVersion"));
        if let Some(family) = version.and_then(|version| found.family(version)) {
            made.insert(format!("{id}Parameters"), parameters(input, found.cluster, &family));
        }
        let mut main = common::main(self, input);
        main.properties.insert("Engine".to_owned(), Value::from(found.name));
        if let Some(version) = version {
            main.properties.insert("EngineVersion".to_owned(), Value::from(version));
        }
        for key in OURS {
            main.properties.shift_remove(*key);
        }
        main.properties.insert("MasterUsername".to_owned(), networked::secret_key(id, "username"));
        main.properties.insert("MasterUserPassword".to_owned(), networked::secret_key(id, "password"));
        cluster::place(input, &mut main);
        let group = Value::reference(format!("{id}Parameters"));
        if found.cluster {
            main.properties.insert("DBClusterParameterGroupName".to_owned(), group);
            set_default(&mut main, "CopyTagsToSnapshot", Value::Bool(true));
        } else {
            // Clusters know other names for some of these.
            let list = main.properties.shift_remove("VpcSecurityGroupIds").unwrap_or(Value::Null);
            main = main.with("VPCSecurityGroups", list).with("DBParameterGroupName", group);
            set_default(&mut main, "DBInstanceClass", Value::from(CLASS));
            set_default(&mut main, "AllocatedStorage", Value::from("20"));
            set_default(&mut main, "StorageType", Value::from("gp3"));
            set_default(&mut main, "PubliclyAccessible", Value::Bool(false));
            set_default(&mut main, "CopyTagsToSnapshot", Value::Bool(true));
        }
        made.insert(id.to_owned(), main);
        let target = if found.cluster {
            cluster::instances(input, INSTANCE, CLASS, Some(found.name), &mut made);
            data::FACTS.resource_type
        } else {
            INSTANCE
        };
        made.insert(format!("{id}SecretAttachment"), cluster::attachment(id, target));
        made
    }
}

fn set_default(main: &mut seaway_cfn::Resource, name: &str, value: Value) {
    if !main.properties.contains_key(name) {
        main.properties.insert(name.to_owned(), value);
    }
}

/// Returns the parameter group of the engine's family: encrypted connections where the engine can
/// insist on them, and what the user adds.
fn parameters(input: &Synth<'_>, is_cluster: bool, family: &str) -> seaway_cfn::Resource {
    let what = format!("Parameters of {} {}", input.resource.module, input.resource.name.value);
    let kind = if is_cluster { "AWS::RDS::DBClusterParameterGroup" } else { "AWS::RDS::DBParameterGroup" };
    let tls =
        if family.contains("postgres") { ("rds.force_ssl", "1") } else { ("require_secure_transport", "ON") };
    let mut all: IndexMap<String, Value> = IndexMap::from([(tls.0.to_owned(), Value::from(tls.1))]);
    if family.starts_with("mariadb") {
        all.clear();
        all.insert("require_secure_transport".to_owned(), Value::from("1"));
    }
    if let Some(node) = common::macro_parameter(input.resource, "ParameterGroup")
        && let Value::Map(map) = shape::plain(node, input.value_of)
    {
        all.extend(map);
    }
    seaway_cfn::Resource::new(kind)
        .with("Description", what)
        .with("Family", family)
        .with("Parameters", Value::Map(all))
        .with("Tags", input.tags.clone())
}

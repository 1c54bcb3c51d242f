//! `seaway config`.

use clap::Args;
use clap::ValueEnum;
use seaway_compose::Disk;
use seaway_compose::Loaded;
use seaway_compose::VariableUses;
use seaway_diag::Sink;
use seaway_diag::SourceMap;
use seaway_model::Image;
use serde_json::Value;
use serde_json::json;

use crate::context;
use crate::context::Context;
use crate::error::CommandError;
use crate::error::CommandResult;
use crate::error::exit;
use crate::ui;

/// Print the Compose file as it is understood: merged, interpolated, in long form
#[derive(Args, Clone, Debug)]
#[command(
    after_help = "Examples:\n  seaway config --services\n  seaway config --variables\n  seaway config --hash '*'"
)]
pub(crate) struct ConfigArgs {
    /// Only the names of the services
    #[arg(long, group = "what")]
    services: bool,
    /// Only the images
    #[arg(long, group = "what")]
    images: bool,
    /// Only the names of the environments
    #[arg(long, group = "what")]
    environments: bool,
    /// Only the names of the volumes
    #[arg(long, group = "what")]
    volumes: bool,
    /// Only the names of the networks
    #[arg(long, group = "what")]
    networks: bool,
    /// Only the names of the profiles
    #[arg(long, group = "what")]
    profiles: bool,
    /// Only the variables that the files use: default, whether required, and where
    #[arg(long, group = "what")]
    variables: bool,
    /// Only a hash for each service (`*` for all, or names with commas between them)
    #[arg(long, group = "what", value_name = "SERVICES")]
    hash: Option<String>,
    /// Leave `${…}` as it is: files are merged, but nothing is normalised
    #[arg(long, conflicts_with_all = ["images", "environments", "hash"])]
    no_interpolate: bool,
    /// Form of the output; --json is the same as json
    #[arg(long, value_enum, default_value = "yaml", value_name = "FORM")]
    format: Format,
}

/// Form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// YAML
    Yaml,
    /// JSON
    Json,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: &ConfigArgs) -> CommandResult {
    let json = context.ui.json() || args.format == Format::Json;
    let lines = if args.environments {
        context.app()?.environments
    } else if args.images {
        images(context)?
    } else if args.variables {
        // Without values: what is required may be missing.
        let (loaded, sources) = load(context, true)?;
        variables(context, &loaded.variables, &sources, json);
        return Ok(exit::OK);
    } else if args.no_interpolate {
        let merged = load(context, true)?.0.merged.ok_or_else(nothing)?;
        let value = seaway_compose::merged_to_value(&merged);
        match section(args) {
            Some(section) => names(&value, section),
            None => return print(context, &value, &seaway_compose::value_to_yaml(&value), json),
        }
    } else {
        let project = context.project()?;
        let value = seaway_compose::to_value(&project);
        if let Some(wanted) = &args.hash {
            hashes(&project, wanted)?
        } else if args.profiles {
            project.profiles.clone()
        } else if let Some(section) = section(args) {
            names(&value, section)
        } else {
            return print(context, &value, &seaway_compose::to_yaml(&project), json);
        }
    };
    if json {
        context.ui.data_json(&lines);
    } else {
        context.ui.data(&lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    }
    Ok(exit::OK)
}

fn print(context: &Context, value: &Value, yaml: &str, json: bool) -> CommandResult {
    if json {
        context.ui.data_json(value);
    } else {
        context.ui.data(yaml);
    }
    Ok(exit::OK)
}

fn section(args: &ConfigArgs) -> Option<&'static str> {
    let flags = [
        (args.services, "services"),
        (args.volumes, "volumes"),
        (args.networks, "networks"),
        (args.profiles, "profiles"),
    ];
    flags.into_iter().find(|(flag, _)| *flag).map(|(_, section)| section)
}

fn names(value: &Value, section: &str) -> Vec<String> {
    if section == "profiles" {
        let services = value["services"].as_object().into_iter().flat_map(serde_json::Map::values);
        let mut all: Vec<String> = services
            .flat_map(|service| service["profiles"].as_array().cloned().unwrap_or_default())
            .filter_map(|profile| profile.as_str().map(ToOwned::to_owned))
            .collect();
        all.sort();
        all.dedup();
        return all;
    }
    value[section].as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
}

/// Loads with all that a load gives, or prints what is wrong.
fn load(context: &Context, no_interpolate: bool) -> Result<(Loaded, SourceMap), CommandError> {
    let options = seaway_compose::LoadOptions { no_interpolate, ..context.load_options()? };
    let (mut sources, mut sink) = (SourceMap::default(), Sink::default());
    let loaded = seaway_compose::load_all(&options, &Disk, &mut sources, &mut sink);
    sink.sort();
    let report = context::Loaded { project: None, app: None, set: None, sink, sources };
    context.report(&report)?;
    Ok((loaded, report.sources))
}

fn nothing() -> CommandError {
    CommandError::new(exit::INTERNAL, "nothing was loaded, and nothing was found wrong")
}

fn variables(context: &Context, uses: &VariableUses, sources: &SourceMap, json: bool) {
    let places = |places: &[seaway_diag::Span]| -> Vec<String> {
        places.iter().map(|place| sources.location(*place)).collect()
    };
    if json {
        let all: serde_json::Map<String, Value> = uses
            .iter()
            .map(|(name, one)| {
                let value = json!({
                    "default": one.default, "alternate": one.alternate, "required": one.required,
                    "used_at": places(&one.places),
                });
                (name.clone(), value)
            })
            .collect();
        context.ui.data_json(&all);
        return;
    }
    let rows: Vec<Vec<String>> = uses
        .iter()
        .map(|(name, one)| {
            let required = if one.required { "yes" } else { "no" };
            let default = one.default.clone().unwrap_or_default();
            vec![name.clone(), default, required.to_owned(), places(&one.places).join(", ")]
        })
        .collect();
    context.ui.data(&ui::table(
        context.ui.color_stdout(),
        &["NAME", "DEFAULT", "REQUIRED", "USED AT"],
        &rows,
    ));
}

fn hashes(project: &seaway_compose::Project, wanted: &str) -> Result<Vec<String>, CommandError> {
    let all = seaway_compose::hashes(project);
    let wanted: Vec<&str> = wanted.split(',').map(str::trim).collect();
    if let Some(missing) =
        wanted.iter().find(|name| **name != "*" && !all.iter().any(|(service, _)| service == *name))
    {
        return Err(CommandError::new(exit::INPUT, format!("there is no service `{missing}`")));
    }
    let chosen = all.into_iter().filter(|(name, _)| wanted.contains(&"*") || wanted.contains(&name.as_str()));
    Ok(chosen.map(|(name, hash)| format!("{name} {hash}")).collect())
}

fn images(context: &Context) -> Result<Vec<String>, CommandError> {
    let app = context.app()?;
    let instance = context.local_options()?.instance();
    let containers = app.workloads.values().flat_map(|workload| workload.containers.iter());
    Ok(containers
        .map(|container| match &container.image {
            Image::Reference(reference) => reference.clone(),
            Image::Build(build) => build.repository.clone().unwrap_or_else(|| {
                // The tag is the hash of the content; `plan` and `up` show it.
                seaway_image::local_tag(&instance, &app.name, &container.name, "")
                    .trim_end_matches(':')
                    .to_owned()
            }),
        })
        .collect())
}

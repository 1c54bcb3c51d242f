//! Values of parameters.

use indexmap::IndexMap;
use seaway_synth::ParameterSource;

use crate::EngineError;
use crate::unit::Unit;

/// Outputs by stack.
pub(crate) type Outputs = IndexMap<String, IndexMap<String, String>>;

/// Returns the value of each parameter of a stack whose predecessors are applied.
pub(crate) fn resolve(
    unit: &Unit,
    outputs: &Outputs,
    images: &IndexMap<String, String>,
) -> Result<IndexMap<String, String>, EngineError> {
    let mut values = IndexMap::new();
    let mut missing = Vec::new();
    for (name, source) in &unit.sources {
        let value = match source {
            ParameterSource::Literal(value) => Some(value),
            ParameterSource::Output { stack, output } => {
                outputs.get(stack).and_then(|outputs| outputs.get(output))
            }
            ParameterSource::Image { service } => images.get(service),
        };
        match value {
            Some(value) => {
                values.insert(name.clone(), value.clone());
            }
            None => missing.push(describe(name, source)),
        }
    }
    if missing.is_empty() {
        return Ok(values);
    }
    Err(EngineError::Inconsistent(format!("stack {}: {}", unit.name, missing.join("; "))))
}

/// Returns, for people, what a parameter without a value waits for.
pub(crate) fn describe(name: &str, source: &ParameterSource) -> String {
    match source {
        ParameterSource::Literal(_) => format!("parameter {name} has no value"),
        ParameterSource::Output { stack, output } => {
            format!("parameter {name} needs output {output}, which stack {stack} does not have")
        }
        ParameterSource::Image { service } => {
            format!("no image is known for service `{service}`: build it, or give --image {service}=…")
        }
    }
}

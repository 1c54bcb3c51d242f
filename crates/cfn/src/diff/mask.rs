//! Values of `NoEcho` parameters: compared, never shown.

use indexmap::IndexMap;
use indexmap::IndexSet;

use crate::Parameter;
use crate::Template;
use crate::Value;
use crate::evaluate::Scope;

/// A template with its parameters.
type Stack<'a> = (&'a Template, &'a IndexMap<String, String>);

/// Marks that stand in the place of hidden values: equal values have equal marks.
pub(super) struct Masks {
    values: IndexSet<String>,
}

/// Returns the marks for all hidden values of two stacks.
pub(super) fn masks(stacks: [Stack<'_>; 2]) -> Masks {
    let mut values = IndexSet::new();
    for (template, parameters) in stacks {
        values.extend(hidden(template, parameters).map(|(_, value)| value));
    }
    Masks { values }
}

impl Masks {
    /// Returns a lenient scope. Conditions see the values themselves ("is it empty?"), everything
    /// else sees the marks, so that no function can bring out a part of a value.
    pub(super) fn scope<'a>(
        &self,
        template: &'a Template,
        parameters: &'a IndexMap<String, String>,
    ) -> Scope<'a> {
        let mut scope = Scope::lenient(template, parameters);
        scope.decide_conditions();
        scope.masks = hidden(template, parameters).map(|(name, value)| (name, self.mark(&value))).collect();
        scope
    }

    fn mark(&self, value: &str) -> String {
        match self.values.get_index_of(value) {
            Some(index) if self.values.len() > 1 => format!("****({})", index + 1),
            _ => "****".to_owned(),
        }
    }
}

/// Returns names and values of the `NoEcho` parameters that have a value.
fn hidden<'a>(
    template: &'a Template,
    parameters: &'a IndexMap<String, String>,
) -> impl Iterator<Item = (String, String)> + 'a {
    let is_hidden =
        |parameter: &Parameter| parameter.extra.get("NoEcho").and_then(Value::as_bool) == Some(true);
    template.parameters.iter().filter(move |(_, parameter)| is_hidden(parameter)).filter_map(
        |(name, parameter)| {
            let value = parameters.get(name).or(parameter.default.as_ref())?;
            Some((name.clone(), value.clone()))
        },
    )
}

//! Where the linter is.

use std::fmt;

/// A place in a template, as a chain through the callers' frames.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    parent: Option<&'a Place<'a>>,
    part: Part<'a>,
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Key(&'a str),
    Index(usize),
}

impl<'a> Place<'a> {
    pub(super) fn root(name: &'a str) -> Place<'a> {
        Place { parent: None, part: Part::Key(name) }
    }

    pub(super) fn key(&'a self, name: &'a str) -> Place<'a> {
        Place { parent: Some(self), part: Part::Key(name) }
    }

    pub(super) fn index(&'a self, index: usize) -> Place<'a> {
        Place { parent: Some(self), part: Part::Index(index) }
    }

    /// Returns the path as schemas write it: below `Resources.X.Properties`, without list items
    /// and functions.
    pub(super) fn schema_path(&self) -> String {
        let mut keys = Vec::new();
        let mut at = Some(self);
        while let Some(place) = at {
            if let Part::Key(key) = place.part
                && !key.starts_with("Fn::")
            {
                keys.push(key);
            }
            at = place.parent;
        }
        keys.reverse();
        keys.get(3..).unwrap_or_default().join(".")
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = self.parent {
            parent.fmt(formatter)?;
        }
        match self.part {
            Part::Key(key) if self.parent.is_none() => formatter.write_str(key),
            Part::Key(key) => write!(formatter, ".{key}"),
            Part::Index(index) => write!(formatter, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn paths() {
        let (root, id) = (Place::root("Resources"), "Task");
        let resource = root.key(id);
        let properties = resource.key("Properties");
        let containers = properties.key("ContainerDefinitions");
        let item = containers.index(1);
        let condition = item.key("Fn::If");
        let branch = condition.index(2);
        let image = branch.key("Image");
        assert_eq!(image.to_string(), "Resources.Task.Properties.ContainerDefinitions[1].Fn::If[2].Image");
        assert_eq!(image.schema_path(), "ContainerDefinitions.Image");
    }
}

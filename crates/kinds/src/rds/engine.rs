//! Engines of RDS: which there are, their ports and families of parameter groups.

use seaway_model::Resource;
use seaway_yaml::Node;

use crate::common;

/// An engine.
pub(super) struct Engine {
    /// Name.
    pub(super) name: &'static str,
    /// Port.
    pub(super) port: u16,
    /// It is a cluster (Aurora).
    pub(super) cluster: bool,
    /// Major versions (RDS user guide, "Supported engine versions"); how many parts of a version
    /// name the family.
    versions: &'static [&'static str],
}

/// Engines that are known.
pub(super) const ENGINES: &[Engine] = &[
    Engine { name: "aurora-mysql", port: 3_306, cluster: true, versions: &["8.0", "8.4"] },
    Engine {
        name: "aurora-postgresql",
        port: 5_432,
        cluster: true,
        versions: &["13", "14", "15", "16", "17", "18"],
    },
    Engine {
        name: "mariadb",
        port: 3_306,
        cluster: false,
        versions: &["10.6", "10.11", "11.4", "11.8", "12.3"],
    },
    Engine { name: "mysql", port: 3_306, cluster: false, versions: &["8.0", "8.4"] },
    Engine { name: "postgres", port: 5_432, cluster: false, versions: &["13", "14", "15", "16", "17", "18"] },
];

/// Returns the node that names the engine or its version.
pub(super) fn written<'a>(resource: &'a Resource, name: &str) -> Option<&'a Node> {
    common::property(resource, name).or_else(|| common::macro_parameter(resource, name))
}

/// Returns the engine of a database.
pub(super) fn of(resource: &Resource) -> Option<&'static Engine> {
    let name = common::text(written(resource, "Engine"))?;
    ENGINES.iter().find(|engine| engine.name == name)
}

impl Engine {
    /// Returns the major versions.
    pub(super) fn versions(&self) -> &'static [&'static str] {
        self.versions
    }

    /// Returns the major version of a version, such as `14` of `14.6`.
    pub(super) fn major(&self, version: &str) -> Option<&'static str> {
        self.versions.iter().copied().find(|major| {
            version == *major || version.strip_prefix(major).is_some_and(|rest| rest.starts_with('.'))
        })
    }

    /// Returns the family of the parameter groups of a version.
    pub(super) fn family(&self, version: &str) -> Option<String> {
        Some(format!("{}{}", self.name, self.major(version)?))
    }
}

#[cfg(test)]
mod tests {
    use super::ENGINES;

    #[test]
    fn families() {
        for (engine, version, family) in [
            ("aurora-postgresql", "14.6", Some("aurora-postgresql14")),
            ("aurora-mysql", "8.0.mysql_aurora.3.08.0", Some("aurora-mysql8.0")),
            ("aurora-mysql", "5.7.100", None),
            ("mysql", "8.4.3", Some("mysql8.4")),
            ("postgres", "1", None),
        ] {
            let found = ENGINES.iter().find(|known| known.name == engine).unwrap();
            assert_eq!(found.family(version).as_deref(), family, "{engine} {version}");
        }
    }
}

//! Graph databases as a kind: cluster, instances, subnets, security group. Credentials are those
//! of the task role.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_model::Resource;

use super::data;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::cluster;
use crate::common;
use crate::networked;

/// The kind `x-neptune`.
pub(crate) struct Neptune;

impl Kind for Neptune {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn port(&self, resource: &Resource) -> Option<u16> {
        Some(networked::port(resource, "DBPort", 8_182))
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let id = input.id;
        let mut made = IndexMap::new();
        cluster::surroundings(input, "AWS::Neptune::DBSubnetGroup", &mut made);
        let mut main = common::main(self, input);
        cluster::place(input, &mut main);
        if let Some(group) =
            cluster::parameter_group(input, "AWS::Neptune::DBClusterParameterGroup", "neptune1.3")
        {
            made.insert(format!("{id}Parameters"), group);
            let group = Value::reference(format!("{id}Parameters"));
            main.properties.insert("DBClusterParameterGroupName".to_owned(), group);
        }
        made.insert(id.to_owned(), main);
        cluster::instances(input, "AWS::Neptune::DBInstance", "db.t4g.medium", None, &mut made);
        made
    }
}

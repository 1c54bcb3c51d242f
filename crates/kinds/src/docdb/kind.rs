//! Document databases as a kind: cluster, instances, secret, subnets, security group.

use indexmap::IndexMap;
use seaway_cfn::Value;
use seaway_model::AccessEdge;
use seaway_model::Resource;

use super::data;
use crate::Facts;
use crate::Kind;
use crate::SecretVariable;
use crate::Synth;
use crate::cluster;
use crate::common;
use crate::networked;

/// The kind `x-docdb`.
pub(crate) struct Docdb;

impl Kind for Docdb {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn port(&self, resource: &Resource) -> Option<u16> {
        Some(networked::port(resource, "Port", 27_017))
    }

    fn secrets(&self, resource: &Resource, edge: &AccessEdge) -> Vec<SecretVariable> {
        networked::variables(resource, edge)
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let id = input.id;
        let mut made = IndexMap::new();
        made.insert(format!("{id}Secret"), networked::secret(input, "dbadmin", "\"@/\\ '%:"));
        cluster::surroundings(input, "AWS::DocDB::DBSubnetGroup", &mut made);
        let mut main = common::main(self, input);
        main.properties.insert("MasterUsername".to_owned(), networked::secret_key(id, "username"));
        main.properties.insert("MasterUserPassword".to_owned(), networked::secret_key(id, "password"));
        cluster::place(input, &mut main);
        if let Some(group) =
            cluster::parameter_group(input, "AWS::DocDB::DBClusterParameterGroup", "docdb5.0")
        {
            made.insert(format!("{id}Parameters"), group);
            let group = Value::reference(format!("{id}Parameters"));
            main.properties.insert("DBClusterParameterGroupName".to_owned(), group);
        }
        made.insert(id.to_owned(), main);
        cluster::instances(input, "AWS::DocDB::DBInstance", "db.t4g.medium", None, &mut made);
        made.insert(format!("{id}SecretAttachment"), cluster::attachment(id, "AWS::DocDB::DBCluster"));
        made
    }
}

//! Streams as a kind.

use indexmap::IndexMap;
use seaway_cfn::Value;

use super::data;
use crate::Facts;
use crate::Kind;
use crate::Synth;
use crate::common;

/// The kind `x-kinesis`.
pub(crate) struct Kinesis;

impl Kind for Kinesis {
    fn facts(&self) -> &'static Facts {
        &data::FACTS
    }

    fn synth(&self, input: &Synth<'_>) -> IndexMap<String, seaway_cfn::Resource> {
        let mut stream = common::main(self, input);
        let mode = stream.properties.get("StreamModeDetails").and_then(|details| details.get("StreamMode"));
        let provisioned = mode.and_then(Value::as_str) == Some("PROVISIONED");
        let shards = stream.properties.contains_key("ShardCount");
        if provisioned && !shards {
            stream.properties.insert("ShardCount".to_owned(), Value::Int(1));
        } else if mode.is_none() && !shards {
            // Nobody said how much there will be.
            let details = common::object([("StreamMode", Value::from("ON_DEMAND"))]);
            stream.properties.insert("StreamModeDetails".to_owned(), details);
        }
        IndexMap::from([(input.id.to_owned(), stream)])
    }
}

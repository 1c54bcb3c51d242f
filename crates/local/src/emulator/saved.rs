//! Queues and messages as they are kept on disk.

use std::collections::BTreeMap;
use std::collections::HashMap;

use serde::Deserialize;
use serde::Serialize;
use winterbaume_sqs::state::QueueState;
use winterbaume_sqs::state::SqsState;
use winterbaume_sqs::types::Message;
use winterbaume_sqs::types::MessageAttribute;
use winterbaume_sqs::views::QueueStateView;

/// All queues, by name.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Saved {
    /// Queues.
    pub(super) queues: BTreeMap<String, SavedQueue>,
    /// Which resource (its token) a queue belongs to.
    pub(super) owners: BTreeMap<String, String>,
    /// Message id → message group, of FIFO queues.
    pub(super) groups: BTreeMap<String, String>,
}

/// A queue with its messages: the crate's own view leaves them out.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct SavedQueue {
    definition: QueueStateView,
    messages: Vec<SavedMessage>,
    dedup: BTreeMap<String, (String, i64)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct SavedMessage {
    id: String,
    body: String,
    md5: String,
    handle: Option<String>,
    handles: Vec<String>,
    sender: String,
    sent: i64,
    first_received: Option<i64>,
    received: u32,
    visible_at: i64,
    attributes: BTreeMap<String, (String, Option<String>)>,
}

impl From<&QueueState> for SavedQueue {
    fn from(queue: &QueueState) -> SavedQueue {
        SavedQueue {
            definition: QueueStateView::from(queue),
            messages: queue.messages.iter().map(SavedMessage::from).collect(),
            dedup: queue.dedup_index.clone().into_iter().collect(),
        }
    }
}

impl From<SavedQueue> for QueueState {
    fn from(saved: SavedQueue) -> QueueState {
        let mut queue = QueueState::from(saved.definition);
        queue.messages = saved.messages.into_iter().map(Message::from).collect();
        queue.dedup_index = saved.dedup.into_iter().collect();
        queue
    }
}

impl From<&Message> for SavedMessage {
    fn from(message: &Message) -> SavedMessage {
        SavedMessage {
            id: message.message_id.clone(),
            body: message.body.clone(),
            md5: message.body_md5.clone(),
            handle: message.receipt_handle.clone(),
            handles: message.all_receipt_handles.clone(),
            sender: message.sender_id.clone(),
            sent: message.sent_timestamp,
            first_received: message.approximate_first_receive_timestamp,
            received: message.approximate_receive_count,
            visible_at: message.visible_at,
            attributes: message
                .message_attributes
                .iter()
                .map(|(name, value)| (name.clone(), (value.data_type.clone(), value.string_value.clone())))
                .collect(),
        }
    }
}

impl From<SavedMessage> for Message {
    fn from(saved: SavedMessage) -> Message {
        Message {
            message_id: saved.id,
            body: saved.body,
            body_md5: saved.md5,
            receipt_handle: saved.handle,
            all_receipt_handles: saved.handles,
            sender_id: saved.sender,
            sent_timestamp: saved.sent,
            approximate_first_receive_timestamp: saved.first_received,
            approximate_receive_count: saved.received,
            visible_at: saved.visible_at,
            message_attributes: saved
                .attributes
                .into_iter()
                .map(|(name, (data_type, string_value))| {
                    (name, MessageAttribute { data_type, string_value, binary_value: None })
                })
                .collect(),
        }
    }
}

impl Saved {
    /// Copies what is in memory.
    pub(super) fn of(
        state: &SqsState,
        owners: &BTreeMap<String, String>,
        groups: &HashMap<String, String>,
    ) -> Saved {
        Saved {
            queues: state
                .queues
                .iter()
                .map(|(name, queue)| (name.clone(), SavedQueue::from(queue)))
                .collect(),
            owners: owners.clone(),
            groups: groups.clone().into_iter().collect(),
        }
    }
}

//! Notices about conversations. They say nothing of what was written: only that something was, and where.

use crate::domain::ids::ConversationId;

use super::words::three_templates;

/// Somebody wrote in a conversation of the recipient's.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Reply {
    /// The conversation.
    pub conversation: ConversationId,
    /// Whether the recipient looks after it for the body, and is not its holder.
    pub to_staff: bool,
}

impl Reply {
    fn path(&self) -> String {
        let folder = if self.to_staff { "/staff/advice" } else { "/advice" };
        format!("{folder}/{}", self.conversation)
    }
}

three_templates!(Reply, "mail/reply.subject.txt", "mail/reply.txt", "mail/reply.html");

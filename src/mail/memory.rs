//! Mails kept in memory, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use crate::config::Sender;

use super::delivery_error::{BoxError, DeliveryError};
use super::envelope::Envelope;
use super::message;

/// A list of delivered mails, shared by every clone.
#[derive(Clone, Debug)]
pub struct Memory {
    sender: Sender,
    delivered: Arc<Mutex<Vec<Envelope>>>,
}

impl Memory {
    pub(super) fn new(sender: Sender) -> Memory {
        Memory { sender, delivered: Arc::default() }
    }

    /// What was delivered so far, in order.
    #[must_use]
    pub fn delivered(&self) -> Vec<Envelope> {
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn deliver(
        &self,
        envelope: &Envelope,
        before_body: &mut dyn FnMut() -> Result<(), BoxError>,
    ) -> Result<(), DeliveryError> {
        // built only to refuse here what a mail server could never be given
        message::build(envelope, &self.sender)?;
        before_body().map_err(|error| DeliveryError::NotAttempted(error.to_string()))?;
        self.delivered.lock().unwrap_or_else(PoisonError::into_inner).push(envelope.clone());
        Ok(())
    }
}

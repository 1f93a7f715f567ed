//! The last audit record of a call, which is written even if the call is cancelled.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::destination::CallDestination;
use super::outcome_code::OutcomeCode;
use super::pending::Pending;
use super::policy::audit::{Audit, AuditEvent, AuditRecord, RecordedReply};

/// The last record of a call. If it is dropped before it is written, it records that the call was cancelled.
pub(super) struct EndRecord(Option<Unwritten>);

struct Unwritten {
    audit: Arc<dyn Audit>,
    record: AuditRecord,
    began: Instant,
}

impl EndRecord {
    /// Creates an end record that is never written, for a call without an audit.
    pub(super) const fn none() -> Self {
        Self(None)
    }

    /// Creates the last record of a call that began at `began` and was not sent yet. The event is set when the record is written.
    pub(super) fn of(audit: Arc<dyn Audit>, mut record: AuditRecord, began: Instant) -> Self {
        record.event = AuditEvent::Refused(OutcomeCode::Cancelled);
        Self(Some(Unwritten { audit, record, began }))
    }

    /// Sets the destination of the prepared call.
    pub(super) fn set_destination(&mut self, destination: Option<CallDestination>) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.destination = destination;
        }
    }

    /// Sets the approval that the call has spent.
    pub(super) fn set_approval(&mut self, approval: Option<String>) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.approval = approval;
        }
    }

    /// Sets the rule that refuses the call.
    pub(super) fn set_rule(&mut self, rule: String) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.rule = Some(rule);
        }
    }

    /// Sets the number of requests that were sent.
    pub(super) fn set_attempts(&mut self, attempts: u32) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.attempts = attempts;
        }
    }

    /// Sets the number of bytes of an answer that is not an HTTP reply.
    pub(super) fn set_answer_bytes(&mut self, bytes: Option<usize>) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.answer_bytes = bytes;
        }
    }

    /// Marks the call as sent. From now on, the service may have acted.
    pub(super) fn mark_sent(&mut self) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.event = AuditEvent::Ended { code: OutcomeCode::Cancelled, reply: None };
        }
    }

    /// Marks the call as accepted by the service with `reply`, while its job is still running.
    pub(super) fn mark_accepted(&mut self, reply: Option<RecordedReply>, attempts: u32) {
        if let Some(Unwritten { record, .. }) = &mut self.0 {
            record.event = AuditEvent::Ended { code: OutcomeCode::Cancelled, reply };
            record.attempts = attempts;
        }
    }

    /// Writes the record. If this future is dropped, a task completes the write.
    pub(super) async fn write(mut self, event: AuditEvent) {
        if let Some(Unwritten { audit, record, began }) = self.0.take() {
            Writing::of(audit, AuditRecord { event, duration: began.elapsed(), ..record }).await;
        }
    }
}

impl Drop for EndRecord {
    fn drop(&mut self) {
        if let Some(Unwritten { audit, record, began }) = self.0.take() {
            Writing::of(audit, AuditRecord { duration: began.elapsed(), ..record }).finish();
        }
    }
}

/// A record that is being written. The write completes even if its future is dropped.
struct Writing(Option<Pending<'static, ()>>);

impl Writing {
    /// Creates the write of a record. If the write fails, the error is only logged, because the call has already ended.
    fn of(audit: Arc<dyn Audit>, record: AuditRecord) -> Self {
        Self(Some(Box::pin(async move {
            if let Err(error) = audit.record(record).await {
                tracing::error!(%error, "the end of a call could not be audited");
            }
        })))
    }

    /// Polls the write once. If it is not complete then, a task continues it.
    fn finish(mut self) {
        // Many audit implementations need an async runtime, and panic without one.
        if Handle::try_current().is_ok() {
            let _ = Pin::new(&mut self).poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl Future for Writing {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let Some(rest) = &mut self.0 else { return Poll::Ready(()) };
        let polled = rest.as_mut().poll(context);
        if polled.is_ready() {
            self.0 = None;
        }
        polled
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let Some(rest) = self.0.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(rest)),
            Err(_) => {
                tracing::error!("the end of a call could not be audited: the async runtime has stopped");
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! Follows the jobs that calls start, until the job ends or the call times out (ADR 0054).

mod result;
mod target;
#[cfg(test)]
mod tests;
mod wait;

use jackfield_recipe::ReplyPath;

use super::Api;
use super::open_request::OpenRequest;
use super::send::{Exchanged, status_header};
use crate::call::rows::Job;
use crate::engine::answer::HttpAnswer;
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::engine::executor::Nesting;
use crate::engine::job_answer::{FollowUp, JobAnswer, JobEnd};
use crate::engine::source::JobWait;
use crate::engine::upstream::retry_after;
use crate::reply::job::{JobPhase, JobPlace, JobStatus, PlaceKind, header, place_of};
use crate::transport::destinations::Names;
use crate::transport::reply::Reply;
use crate::transport::saving::Saving;
use target::{JobTarget, Reading, Refused};
use wait::Waits;

/// The number of consecutive failed requests after which a status counts as unreadable.
const MOST_FAILURES: u32 = 3;

/// The outcome of one request for the status of a job.
enum Polled {
    Ended(JobEnd),
    GoesOn,
    /// The status has moved to another URL.
    Moved(String),
    Failed(String),
}

impl Api {
    /// Whether a reply may have started a job: a successful reply of a tool that starts jobs, or any 202 response.
    pub(super) fn may_start_job(answer: &HttpAnswer) -> bool {
        answer.reply.status() == 202 || answer.tool.get().job.is_some() && answer.reply.is_success()
    }

    /// Adds the job to an answer, if its reply has started one.
    pub(super) async fn note_job(&self, mut answer: Box<HttpAnswer>, call: &ActiveCall) -> Box<HttpAnswer> {
        let handle = answer.tool.clone();
        let tool = handle.get();
        let is_accepted = answer.reply.status() == 202;
        let redact = self.inner.replies.get(tool.name).redacted();
        let job = tool.job.as_ref();
        let first = match job {
            Some(job) if !is_accepted => JobStatus::of_first(&answer.reply, job, redact),
            _ => None,
        };
        let Some(place) = place_of(&answer.reply, job, redact) else { return answer };
        // A `Location` alone does not prove that a job has started, because replies that create a resource have one too.
        if !is_accepted && first.is_none() && place.kind() != PlaceKind::Operation {
            return answer;
        }
        let (follow_up, reading) = self.way_to(&answer, &place, call).await;
        if let (Some(cache), Some(reading)) = (&self.inner.cache, &reading) {
            cache.note_status_tool(reading.tool.get().name);
        }
        let of_reader =
            reading.map(|reading| self.inner.replies.get(reading.tool.get().name).redacted().to_vec());
        answer.job = Some(Box::new(JobAnswer {
            place,
            is_followed: job.is_some(),
            end: None,
            status: first.unwrap_or_default(),
            requests: 0,
            follow_up,
            redact: of_reader.unwrap_or_default(),
        }));
        answer
    }

    /// Returns the advice on how the caller reads the status later, and the tool call that reads it.
    async fn way_to(
        &self,
        answer: &HttpAnswer,
        place: &JobPlace,
        call: &ActiveCall,
    ) -> (FollowUp, Option<Reading>) {
        match place {
            JobPlace::Address { address, .. } => {
                if matches!(
                    self.target(&answer.tool, &answer.reply.address, address),
                    Err(Refused::Elsewhere)
                ) {
                    return (FollowUp::Elsewhere(address.clone()), None);
                }
                let plain = FollowUp::Address(address.clone());
                match self.reading_of_address(address, call).await {
                    Some(reading) => (self.follow_up(&reading, plain, call), Some(reading)),
                    None => (plain, None),
                }
            }
            JobPlace::Id(id) => {
                let plain = FollowUp::Id(id.as_str().map_or_else(|| id.to_string(), str::to_owned));
                match self.reading_of_place(answer, place) {
                    Some(reading) => (self.follow_up(&reading, plain, call), Some(reading)),
                    None => (plain, None),
                }
            }
        }
    }

    /// Returns the tool call that takes the job's identifier as an argument. Returns `None` if the reply contains a URL instead of an
    /// identifier, or if no tool takes the identifier.
    fn reading_of_place(&self, answer: &HttpAnswer, place: &JobPlace) -> Option<Reading> {
        let JobPlace::Id(id) = place else { return None };
        let of = answer.tool.get().job?.id?;
        let empty = serde_json::Map::new();
        let own = answer.paged.as_ref().map_or(&empty, |paged| &paged.arguments);
        self.reading_of_id(of.tool, of.argument, id, own)
    }

    /// Waits until the job of an answer has ended, or until the deadline of the call. If the client supports tasks, a call that waits
    /// longer becomes a task.
    pub(super) async fn follow_job(&self, mut answer: Box<HttpAnswer>, wait: JobWait<'_>) -> Box<HttpAnswer> {
        let Some(mut job) = answer.job.take() else { return answer };
        // The job of a write may change resources until it ends, so the write lasts until then.
        let handle = answer.tool.clone();
        let route = self.route(handle.get(), Names::Resolved).ok();
        let _write = route.and_then(|route| self.note_write(handle.get(), &route, wait.call));
        let end = match self.first_target(&answer, &job, wait.call).await {
            Ok(target) => self.poll_until_end(&mut answer, &mut job, target, wait).await,
            Err(refused) => JobEnd::GoesOn { why: refused.to_string() },
        };
        let has_result = matches!(end, JobEnd::Done { not_shown: None }) && job.redact.is_empty();
        job.end = Some(end);
        answer.job = Some(job);
        if has_result { Self::store_read(answer).await } else { answer }
    }

    /// Stores a result that is already in memory, because it was in a status or in the first reply. Does nothing if the result is not to be
    /// stored in a file.
    pub(super) async fn store_read(mut answer: Box<HttpAnswer>) -> Box<HttpAnswer> {
        let is_result = answer.reply.is_success() && answer.reply.status() != 202;
        let is_stored = answer.reply.saved().is_some() || answer.reply.body().is_empty();
        let Some(target) = answer.save.take().filter(|_| is_result && !is_stored) else { return answer };
        if !answer.reply.is_whole() {
            let caveat = "The reply is too long to be stored after the wait for its job; no file was stored.";
            answer.reply = answer.reply.with_caveat(Some(caveat.to_owned()));
            return answer;
        }
        let (reply, problem) = Saving::store(target, answer.reply).await;
        answer.reply =
            reply.with_caveat(problem.map(|problem| format!("The reply was not stored: {problem}.")));
        answer
    }

    /// Returns the file for the result of a job, if the call names one. A result with redacted values is not stored.
    fn saving_of_result(answer: &HttpAnswer, job: &JobAnswer) -> Option<Saving> {
        let target = answer.save.clone().filter(|_| job.redact.is_empty())?;
        Some(Saving::new(target).of_job(status_header(answer.tool.get())))
    }

    /// Returns the first request for the status, or the reason why none is sent.
    async fn first_target(
        &self,
        answer: &HttpAnswer,
        job: &JobAnswer,
        call: &ActiveCall,
    ) -> Result<JobTarget, Refused> {
        match &job.place {
            JobPlace::Address { address, .. } => self.target(&answer.tool, &answer.reply.address, address),
            JobPlace::Id(_) => match self.reading_of_place(answer, &job.place) {
                Some(reading) => self.reading_target(&reading, call).await.map_err(Refused::Error),
                None => Err(Refused::NoReader),
            },
        }
    }

    async fn poll_until_end(
        &self,
        answer: &mut HttpAnswer,
        job: &mut JobAnswer,
        mut target: JobTarget,
        wait: JobWait<'_>,
    ) -> JobEnd {
        let JobWait { call, release } = wait;
        let handle = answer.tool.clone();
        let row = handle.get().job.unwrap_or(Job::new());
        let mut redact = self.inner.replies.get(handle.get().name).redacted().to_vec();
        redact.extend(job.redact.iter().cloned());
        let first = answer.reply.clone();
        match job.status.phase {
            Some(JobPhase::Done) => return self.finish_job(answer, job, first.clone(), &first, call).await,
            Some(JobPhase::Failed) => return JobEnd::Failed,
            _ => {}
        }
        // A call that stores a file has a longer deadline, but its client does not wait that long for the job.
        let mut waits = Waits::new(call.deadline.min(self.executor.deadline()));
        let (mut asked, mut failures) = (retry_after(&first), 0);
        loop {
            let wait = waits.next(asked);
            let message = job.status.goes_on();
            // A call that hand-written code makes cannot become a task, because it ends with the call that made it.
            let deferral = call.context.deferral().filter(|_| self.nesting == Nesting::Outermost);
            if let Some(deferral) = deferral {
                if waits.needs_task(wait) && deferral.defer(&message).await {
                    waits.become_task();
                    release();
                } else if waits.is_task() && !deferral.defer(&message).await {
                    return JobEnd::GoesOn { why: "The task has ended".to_owned() };
                }
            }
            if !waits.fits(wait) {
                let why = match asked {
                    Some(asked) => format!("The service asks to read it again in {} s", asked.as_secs()),
                    None => "There is no time to wait longer in this call".to_owned(),
                };
                return JobEnd::GoesOn { why };
            }
            // While it waits, the call gives its slot to calls that send requests.
            let paused = call.slot.if_held().pause(call.context.caller().principal());
            waits.wait(wait, call, &message).await;
            drop(paused);
            if !waits.is_task() && call.slot.reenter(waits.deadline(self.executor.deadline())).await.is_err()
            {
                let why = "There was no slot for another request in this call".to_owned();
                return JobEnd::GoesOn { why };
            }
            let limited = self.request_of(call, &waits);
            // If `Location` contained the status URL, the last status is the result, which may be a large file.
            let saving = match job.place.kind() {
                PlaceKind::Location => Self::saving_of_result(answer, job),
                _ => None,
            };
            let sent = self.ask_status(&target, saving, &limited).await;
            job.requests += sent.as_ref().map_or_else(CallError::attempts, |sent| sent.attempts);
            asked = sent.as_ref().ok().and_then(|sent| retry_after(&sent.reply));
            let polled = match sent {
                Ok(sent) => self.polled(answer, job, sent.reply, (&row, &redact), &first, &limited).await,
                Err(error @ (CallError::Upstream(_) | CallError::Auth(_) | CallError::Private(_))) => {
                    Polled::Ended(JobEnd::Unreadable { why: sentence(&error) })
                }
                Err(error) => Polled::Failed(sentence(&error)),
            };
            match polled {
                Polled::Ended(end) => return end,
                Polled::GoesOn => failures = 0,
                Polled::Moved(address) => {
                    failures += 1;
                    match self.target(&answer.tool, &target.outgoing.open_url(), &address) {
                        Ok(moved) if failures < MOST_FAILURES => target = moved,
                        _ => {
                            let why =
                                "its status has moved to a URL that this connector does not call".to_owned();
                            return JobEnd::Unreadable { why };
                        }
                    }
                }
                Polled::Failed(why) => {
                    failures += 1;
                    if failures == MOST_FAILURES {
                        return JobEnd::Unreadable { why };
                    }
                }
            }
        }
    }

    /// Returns the call context for one request for the status. Each request has a separate memory budget, so that a long wait does not use
    /// up the budget of the call.
    fn request_of(&self, call: &ActiveCall, waits: &Waits) -> ActiveCall {
        let deadline = waits.deadline(self.executor.deadline());
        let (context, scope) = (call.context.clone(), self.executor.admission().scope());
        ActiveCall { context, deadline, scope, slot: call.slot.if_held() }
    }

    /// Sends a request for the status of a job.
    async fn ask_status(
        &self,
        target: &JobTarget,
        saving: Option<Saving>,
        call: &ActiveCall,
    ) -> Result<Exchanged, CallError> {
        let tool = target.as_read(target.tool.get());
        let call = match saving {
            Some(_) => &ActiveCall { deadline: self.executor.transfer_deadline(), ..call.clone() },
            None => call,
        };
        let mut request = OpenRequest { outgoing: &mut target.outgoing.clone(), saving };
        self.exchange(&tool, &mut request, &target.route, call).await
    }

    /// Interprets the reply to a request for the status.
    async fn polled(
        &self,
        answer: &mut HttpAnswer,
        job: &mut JobAnswer,
        reply: Reply,
        (row, redact): (&Job<'_>, &[ReplyPath]),
        first: &Reply,
        call: &ActiveCall,
    ) -> Polled {
        match reply.status() {
            200..=299 => {}
            // The HTTP client has not followed this redirect, because it leads to another origin.
            302 | 303 => {
                let to = header(&reply, "location").unwrap_or_default();
                return Polled::Ended(self.read_result(answer, job, first, &to, call).await);
            }
            301 | 307 | 308 => {
                return Polled::Moved(header(&reply, "location").unwrap_or_default());
            }
            status @ (401 | 403) => {
                let why = format!("the service answered {status} to the request for it");
                return Polled::Ended(JobEnd::Unreadable { why });
            }
            status => return Polled::Failed(format!("the service answered {status} to the request for it")),
        }
        if reply.saved().is_some() {
            answer.reply = reply;
            return Polled::Ended(JobEnd::Done { not_shown: None });
        }
        job.status = JobStatus::read(&reply, Some(row), job.place.kind(), redact);
        match job.status.phase {
            Some(JobPhase::Running) => Polled::GoesOn,
            Some(JobPhase::Done) => Polled::Ended(self.finish_job(answer, job, reply, first, call).await),
            Some(JobPhase::Failed) => {
                answer.reply = reply;
                Polled::Ended(JobEnd::Failed)
            }
            None => {
                answer.reply = reply;
                Polled::Ended(JobEnd::Unclear)
            }
        }
    }
}

/// Formats an error for use within a sentence.
fn sentence(error: &CallError) -> String {
    error.to_string().trim_end_matches('.').to_owned()
}

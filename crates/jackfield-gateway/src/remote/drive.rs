//! Drives a call to its response. Forwards the server's questions to the client, and the client's answers to the server.

use std::sync::Arc;

use jackfield_runtime::{ActiveCall, Answer, Asking, CallError, Question};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout, timeout_at};

use super::parked::ParkedCalls;
use super::running::RunningCall;
use super::unanswered::unanswered;
use crate::wire::flight::Happened;
use crate::wire::link_fault::LinkFault;
use crate::wire::listener::{Event, ServerQuestion};
use crate::wire::questions::Refusal;

/// The maximum number of questions of a call, so that a server cannot ask a person endlessly.
const MOST_QUESTIONS: usize = 16;

/// The reason why a call has ended without a response.
#[derive(Debug)]
pub(super) enum Stopped {
    Fault(LinkFault),
    Call(CallError),
}

/// Waits for the response of a server, and forwards its questions to the client.
///
/// # Errors
/// Returns an error if there is no response by the deadline, or if the client will answer in its next request.
pub(super) async fn drive(
    mut running: RunningCall,
    call: &ActiveCall,
    parked: &Arc<ParkedCalls>,
) -> Result<Value, Stopped> {
    loop {
        let question = match running.open.take() {
            Some(question) => question,
            None => match next(&mut running, call).await? {
                Next::Answered(answer) => return Ok(answer),
                Next::Question(question) => *question,
            },
        };
        let Some(asking) = call.context().asking() else {
            running.flight.reply(&question.id, unanswered(&question.method));
            continue;
        };
        let key = format!("question-{}", running.asked);
        let began = Instant::now();
        let put = call.wait_for_person(timeout(parked.patience(), asking.ask(asked(&key, &question))));
        let answer = tokio::select! {
            biased;
            // The server has answered the call without waiting for the client's answer.
            answer = running.flight.answered() => return answer.map_err(Stopped::Fault),
            answer = put => answer.unwrap_or(Answer::Cancelled),
        };
        running.deadline += began.elapsed();
        let reply = match answer {
            Answer::Accepted(result) => Ok(Value::Object(result)),
            Answer::Failed { code, message } => Err(Refusal { code, message }),
            Answer::Later => {
                running = *park(running, question, call, asking, parked)?;
                continue;
            }
            _ => unanswered(&question.method),
        };
        running.flight.reply(&question.id, reply);
    }
}

fn asked<'a>(key: &'a str, question: &'a ServerQuestion) -> Question<'a> {
    Question::relayed(key, &question.method, &question.params)
}

enum Next {
    Answered(Value),
    Question(Box<ServerQuestion>),
}

/// Waits for the response or for the next question.
async fn next(running: &mut RunningCall, call: &ActiveCall) -> Result<Next, Stopped> {
    loop {
        // The deadline is checked before each event, so that a stream of events cannot extend it.
        let is_late = Instant::now() >= running.deadline;
        let happened = match is_late {
            true => Err(()),
            false => timeout_at(running.deadline, running.flight.next()).await.map_err(|_| ()),
        };
        match happened {
            Err(()) => return Err(Stopped::Fault(LinkFault::Late(running.limit()))),
            Ok(Happened::Answered(answer)) => return answer.map(Next::Answered).map_err(Stopped::Fault),
            Ok(Happened::Event(Event::Log(message))) => call.context().relay_log(*message).await,
            Ok(Happened::Event(Event::Question(question))) => {
                running.asked += 1;
                if running.asked <= MOST_QUESTIONS {
                    return Ok(Next::Question(question));
                }
                let message = format!("this call has asked too many questions (limit {MOST_QUESTIONS})");
                running.flight.reply(&question.id, Err(Refusal { code: -32600, message }));
            }
        }
    }
}

/// Parks the call until the client answers in its next request. If too many calls are parked, tells the server that the question was
/// not answered, and returns the call.
fn park(
    mut running: RunningCall,
    question: ServerQuestion,
    call: &ActiveCall,
    asking: &dyn Asking,
    parked: &Arc<ParkedCalls>,
) -> Result<Box<RunningCall>, Stopped> {
    let (id, method) = (question.id.clone(), question.method.clone());
    running.open = Some(question);
    match parked.park(call.context().caller().principal(), running) {
        Ok(parked) => {
            asking.carry(json!({ "parked": parked }));
            Err(Stopped::Call(CallError::InputRequired))
        }
        Err(mut running) => {
            running.open = None;
            running.flight.reply(&id, unanswered(&method));
            Ok(running)
        }
    }
}

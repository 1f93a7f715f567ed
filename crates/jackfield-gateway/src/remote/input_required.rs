//! Results of the type `input_required`, with which servers since 2026-07-28 ask the client for input.

use std::collections::BTreeSet;
use std::time::Duration;

use jackfield_runtime::{ActiveCall, Answer, CallError, Question, RemoteProblem};
use serde_json::{Map, Value, json};
use tokio::time::timeout;

use super::beginning::beginning;
use crate::wire::printed_length::fits;
use crate::wire::questions::is_question;

/// The maximum number of rounds of a call, and of questions of a round.
pub(super) const MOST_ROUNDS: u64 = 16;
const MOST_QUESTIONS: usize = 16;
/// The maximum number of bytes of a round, which the client stores until it answers.
const LONGEST: usize = 128 * 1024;

/// The questions of one `input_required` result, and its `requestState`, which the next request repeats.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    number: u64,
    requests: Map<String, Value>,
    state: Option<Value>,
    /// The keys of the questions in earlier rounds.
    used: BTreeSet<String>,
}

/// The reason why a round cannot be answered.
#[derive(Debug)]
pub(super) enum RoundFault {
    Call(CallError),
    Remote(RemoteProblem),
}

impl RoundFault {
    fn unreadable(why: impl Into<String>) -> Self {
        Self::Remote(RemoteProblem::Unreadable(why.into()))
    }
}

impl Round {
    /// Parses an `input_required` result. Returns `None` for every other type of result.
    ///
    /// # Errors
    /// Returns an error if the result is invalid, or exceeds a limit.
    pub(super) fn of(result: &Value, number: u64) -> Result<Option<Self>, RoundFault> {
        if result["resultType"] != "input_required" {
            return Ok(None);
        }
        let requests = result["inputRequests"].as_object().cloned().unwrap_or_default();
        let state = result.get("requestState").filter(|state| state.is_string()).cloned();
        if number > MOST_ROUNDS {
            return Err(RoundFault::unreadable(format!("it asks in more than {MOST_ROUNDS} rounds")));
        }
        if requests.len() > MOST_QUESTIONS {
            return Err(RoundFault::unreadable(format!(
                "it asks more than {MOST_QUESTIONS} questions at once"
            )));
        }
        if requests.is_empty() && state.is_none() {
            return Err(RoundFault::unreadable("it asks for input, and names no question"));
        }
        let round = Self { number, requests, state, used: BTreeSet::new() };
        match fits(&round.carried(), LONGEST) {
            true => Ok(Some(round)),
            false => Err(RoundFault::unreadable(format!("its questions are longer than {LONGEST} bytes"))),
        }
    }

    /// Parses the questions of a task.
    ///
    /// # Errors
    /// Returns an error if there are no questions, or if a limit is exceeded.
    pub(super) fn of_task(state: &Value, number: u64) -> Result<Self, RoundFault> {
        let asks = json!({ "resultType": "input_required", "inputRequests": state["inputRequests"] });
        Self::of(&asks, number)?
            .ok_or_else(|| RoundFault::unreadable("its task asks for input, and names no question"))
    }

    /// Restores a round from the value that an earlier request carried to the client.
    pub(super) fn restored(carried: &Value) -> Option<Self> {
        Some(Self {
            number: carried["round"].as_u64()?,
            requests: carried["requests"].as_object()?.clone(),
            state: carried.get("state").filter(|state| !state.is_null()).cloned(),
            used: serde_json::from_value(carried["used"].clone()).unwrap_or_default(),
        })
    }

    /// Adds the keys of the call's previous round to the used keys.
    pub(super) fn after(mut self, earlier: Option<&Self>) -> Self {
        if let Some(earlier) = earlier {
            self.used.extend(earlier.used.iter().chain(earlier.requests.keys()).cloned());
        }
        self
    }

    /// Returns the key of a question for the client. A server may repeat a key in a later round, and must not get the earlier answer.
    fn key_of_client(&self, key: &str) -> String {
        if self.used.contains(key) { format!("{}-{key}", self.number) } else { key.to_owned() }
    }

    fn carried(&self) -> Value {
        json!({ "round": self.number, "requests": self.requests, "state": self.state, "used": self.used })
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// Asks the client of the call. Returns the members that the next request adds (`inputResponses` and `requestState`).
    ///
    /// # Errors
    /// Returns an error if the client will answer in its next request, cannot answer, or refuses.
    pub(super) async fn answered(
        &self,
        call: &ActiveCall,
        patience: Duration,
    ) -> Result<Map<String, Value>, RoundFault> {
        let (mut responses, mut is_later) = (Map::new(), false);
        let empty = Map::new();
        let mut asked = Vec::new();
        for (key, request) in &self.requests {
            let method = request["method"].as_str().unwrap_or_default();
            if !is_question(method) {
                return Err(RoundFault::unreadable(format!(
                    "its question `{}` has no known kind",
                    beginning(key, 40)
                )));
            }
            asked.push((
                key,
                self.key_of_client(key),
                method,
                request["params"].as_object().unwrap_or(&empty),
            ));
        }
        let relayed = asked.iter().map(|(_, key, method, params)| Question::relayed(key, method, params));
        let questions: Vec<Question<'_>> = relayed.collect();
        let mut answers = Vec::new();
        if !questions.is_empty() {
            for question in &questions {
                let missing = question.needs().missing_in(call.context().caller().capabilities());
                if !missing.is_empty() {
                    return Err(RoundFault::Call(CallError::MissingCapability(question.needs())));
                }
            }
            let Some(asking) = call.context().asking() else {
                return Err(RoundFault::Call(CallError::MissingCapability(questions[0].needs())));
            };
            let count = u32::try_from(questions.len()).unwrap_or(u32::MAX);
            // The questions are asked together, so that a client that answers in its next request gets all of them.
            let put = timeout(patience.saturating_mul(count), asking.gather(&questions));
            let put = call.wait_for_person(put).await;
            answers = put.unwrap_or_else(|_| vec![Answer::Cancelled; questions.len()]);
        }
        for ((key, _, method, _), answer) in asked.iter().zip(answers) {
            let method = *method;
            let response = match answer {
                Answer::Accepted(response) => Value::Object(response),
                Answer::Later => {
                    is_later = true;
                    continue;
                }
                Answer::Failed { code, message } if method != "elicitation/create" => {
                    let message = format!("the client has refused `{method}`: {message}");
                    return Err(RoundFault::Remote(RemoteProblem::Answered { code, message }));
                }
                _ if method == "elicitation/create" => json!({ "action": "cancel" }),
                _ => {
                    let message = format!("the client has not answered `{method}`");
                    return Err(RoundFault::Remote(RemoteProblem::Answered { code: -1, message }));
                }
            };
            responses.insert((*key).clone(), response);
        }
        if is_later {
            if let Some(asking) = call.context().asking() {
                asking.carry(self.carried());
            }
            return Err(RoundFault::Call(CallError::InputRequired));
        }
        let mut members = Map::new();
        if !responses.is_empty() {
            members.insert("inputResponses".to_owned(), Value::Object(responses));
        }
        members.extend(self.state.clone().map(|state| ("requestState".to_owned(), state)));
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_of_input_requests_is_restored_unchanged_from_its_json() {
        let asks = json!({
            "resultType": "input_required",
            "inputRequests": { "name": { "method": "roots/list" } },
            "requestState": "opaque",
        });
        let round = Round::of(&asks, 3).unwrap().unwrap();
        let next = Round::of(&asks, 4).unwrap().unwrap().after(Some(&round));
        assert_eq!(
            (round.key_of_client("name"), next.key_of_client("name")),
            ("name".to_owned(), "4-name".to_owned())
        );
        assert_eq!(Round::restored(&next.carried()), Some(next));
        assert_eq!(Round::restored(&round.carried()), Some(round));
        assert_eq!(Round::of(&json!({ "content": [] }), 1).unwrap(), None);
        assert!(Round::restored(&json!({ "parked": "x" })).is_none());
    }

    #[test]
    fn input_required_result_beyond_limits_is_refused() {
        let asks = |requests: Value, state: Value| json!({ "resultType": "input_required", "inputRequests": requests, "requestState": state });
        let many: Map<String, Value> = (0..17).map(|at| (at.to_string(), json!({}))).collect();
        for (result, number, expected) in [
            (asks(json!({}), json!("s")), MOST_ROUNDS + 1, "more than 16 rounds"),
            (asks(json!(many), Value::Null), 1, "more than 16 questions"),
            (asks(json!({}), Value::Null), 1, "names no question"),
            (asks(json!({}), json!("s".repeat(LONGEST))), 1, "longer than"),
        ] {
            let refused = format!("{:?}", Round::of(&result, number).unwrap_err());
            assert!(refused.contains(expected), "{refused}");
        }
    }
}

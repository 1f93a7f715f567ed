//! Asks questions in the response to a call, since revision 2026-07-28. The client then repeats the call with the
//! answers. Each request of this exchange is called a round.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rmcp::model::{ErrorCode, ErrorData, InputRequest, InputRequests, InputRequiredResult, InputResponses};
use serde_json::{Map, Value, json};

use super::raw_questions;
use super::request_binding::RequestBinding;
use super::request_states::{RequestStates, StateError};
use super::wire;
use crate::engine::context::{Answer, Asking, Question, QuestionKind};
use crate::engine::pending::Pending;

/// The maximum number of rounds of one call. Without this limit, code that never stops asking would occupy a client forever.
const MAX_ROUNDS: u64 = 16;

/// The questions and answers of one call, over all its rounds.
pub(in crate::mcp) struct Rounds {
    states: Arc<RequestStates>,
    binding: RequestBinding,
    /// The number of earlier rounds.
    round: u64,
    /// The answers of earlier rounds.
    answered: HashMap<String, Answered>,
    /// The digests of the questions that the previous round asked, by key.
    asked: HashMap<String, [u8; 32]>,
    /// The answers that the client sent with this request.
    responses: InputResponses,
    /// The value that the previous round has stored for this round.
    carried: Option<Value>,
    now: Mutex<ThisRound>,
}

/// An answer, and the digest of its question.
#[derive(Clone, Debug)]
struct Answered {
    question: [u8; 32],
    /// Whether the server had asked the question before it got the answer. A client can also send answers to
    /// questions that were not asked.
    was_asked: bool,
    answer: Answer,
}

/// The progress of this round.
#[derive(Default)]
struct ThisRound {
    /// The questions that have no answer yet.
    open: BTreeMap<String, ([u8; 32], Value)>,
    /// The answers that the call has used. They are stored for the next round.
    used: HashMap<String, Answered>,
    /// The value that is stored for the next round.
    carried: Option<Value>,
}

impl Rounds {
    /// Begins a round with the answers and the state in a request.
    ///
    /// # Errors
    /// Returns an error if the state was changed, has expired, was used before, or was created for another
    /// request.
    pub(in crate::mcp) async fn begin(
        states: &Arc<RequestStates>,
        binding: RequestBinding,
        responses: Option<InputResponses>,
        state: Option<String>,
    ) -> Result<Self, ErrorData> {
        let states = Arc::clone(states);
        let responses = responses.unwrap_or_default();
        let mut rounds = Self {
            states,
            binding,
            round: 0,
            answered: HashMap::new(),
            asked: HashMap::new(),
            responses,
            carried: None,
            now: Mutex::default(),
        };
        if let Some(state) = state {
            let content = rounds.states.open(&rounds.binding, &state).await.map_err(refused)?;
            rounds.restore(&content).ok_or_else(|| refused(StateError::Foreign))?;
        }
        Ok(rounds)
    }

    /// Parses the content of a state.
    fn restore(&mut self, content: &[u8]) -> Option<()> {
        let content: Value = serde_json::from_slice(content).ok()?;
        self.round = content["round"].as_u64()?;
        for (key, digest) in content["asked"].as_object()? {
            self.asked.insert(key.clone(), digest_of(digest)?);
        }
        for (key, kept) in content["answered"].as_object()? {
            let answered = Answered {
                question: digest_of(&kept["question"])?,
                was_asked: kept["was_asked"].as_bool()?,
                answer: wire::restored(&kept["answer"]),
            };
            self.answered.insert(key.clone(), answered);
        }
        self.carried = content.get("carried").filter(|value| !value.is_null()).cloned();
        Some(())
    }

    /// Returns the answer to a question, or adds the question to the questions of the response. If `takes_unasked`
    /// is set, an answer counts even if the question was not asked.
    fn find(&self, question: &Question<'_>, takes_unasked: bool) -> Answer {
        let digest = wire::digest(question);
        let found = self.known(question, digest).filter(|found| found.was_asked || takes_unasked);
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = found {
            now.used.insert(question.key.to_owned(), found.clone());
            return found.answer;
        }
        let request = wire::request(question);
        if matches!(question.kind, QuestionKind::Relayed { .. })
            && let Err(error) = serde_json::from_value::<InputRequest>(request.clone())
        {
            let message = format!("the question cannot be sent to clients: {error}");
            return Answer::Failed { code: ErrorCode::INVALID_PARAMS.0.into(), message };
        }
        now.open.insert(question.key.to_owned(), (digest, request));
        Answer::Later
    }

    /// Returns the answer to the question with this key and this digest, from an earlier round or from the current
    /// request.
    fn known(&self, question: &Question<'_>, digest: [u8; 32]) -> Option<Answered> {
        let earlier = self.answered.get(question.key).filter(|earlier| earlier.question == digest);
        if let Some(earlier) = earlier {
            return Some(earlier.clone());
        }
        let answer = wire::answer(question, self.responses.get(question.key)?)?;
        let was_asked = self.asked.get(question.key) == Some(&digest);
        Some(Answered { question: digest, was_asked, answer })
    }

    /// Returns the result that asks the client the open questions.
    ///
    /// # Errors
    /// Returns an error if no question is open, a question is malformed, or there were too many rounds.
    pub(in crate::mcp) fn ask_client(&self) -> Result<InputRequiredResult, ErrorData> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        if now.open.is_empty() {
            return Err(failed("the call waits for an answer, but has asked no question"));
        }
        if self.round >= MAX_ROUNDS {
            return Err(failed(&format!("the call has asked in too many rounds (limit {MAX_ROUNDS})")));
        }
        let (mut requests, mut written) = (InputRequests::new(), Map::new());
        for (key, (_, request)) in &now.open {
            written.insert(key.clone(), request.clone());
            let request: InputRequest = serde_json::from_value(request.clone())
                .map_err(|error| failed(&format!("the question `{key}` is malformed: {error}")))?;
            requests.insert(key.clone(), request);
        }
        let asked = now.open.iter().map(|(key, (digest, _))| (key.clone(), text_of(digest)));
        let answered = now.used.iter().map(|(key, used)| {
            let Answered { question, was_asked, answer } = used;
            let kept = json!({ "question": text_of(question), "was_asked": was_asked, "answer": wire::kept(answer) });
            (key.clone(), kept)
        });
        let content = json!({
            "round": self.round + 1,
            "asked": asked.collect::<Map<_, _>>(),
            "answered": answered.collect::<Map<_, _>>(),
            "carried": now.carried,
        });
        let state = self.states.seal(&self.binding, content.to_string().as_bytes()).map_err(|error| {
            failed(match error {
                StateError::TooLong => "the answers are too large to be kept between rounds (limit 256 KiB)",
                _ => "this machine gives no random bytes",
            })
        })?;
        let mut result = InputRequiredResult::new(Some(requests), Some(state));
        raw_questions::keep(&mut result, written);
        Ok(result)
    }
}

impl Asking for Rounds {
    fn ask<'a>(&'a self, question: Question<'a>) -> Pending<'a, Answer> {
        Box::pin(std::future::ready(self.find(&question, false)))
    }

    fn gather<'a>(&'a self, questions: &'a [Question<'a>]) -> Pending<'a, Vec<Answer>> {
        let answers = questions.iter().map(|question| self.find(question, true)).collect();
        Box::pin(std::future::ready(answers))
    }

    fn carry(&self, value: Value) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).carried = Some(value);
    }

    fn carried(&self) -> Option<Value> {
        self.carried.clone()
    }
}

fn text_of(digest: &[u8; 32]) -> Value {
    STANDARD_NO_PAD.encode(digest).into()
}

fn digest_of(text: &Value) -> Option<[u8; 32]> {
    STANDARD_NO_PAD.decode(text.as_str()?).ok()?.try_into().ok()
}

fn failed(problem: &str) -> ErrorData {
    ErrorData::internal_error(problem.to_owned(), None)
}

fn refused(error: StateError) -> ErrorData {
    let problem = match error {
        StateError::Expired => "requestState has expired",
        StateError::Spent => "requestState was used before",
        StateError::NoRandomBytes => return failed("this machine gives no random bytes"),
        StateError::Foreign | StateError::TooLong => "requestState was not made for this request",
    };
    ErrorData::invalid_params(format!("{problem}: call again without requestState and inputResponses"), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::caller::{Caller, Channel};

    fn schema() -> Map<String, Value> {
        let schema =
            json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
        schema.as_object().cloned().unwrap()
    }

    async fn round(states: &Arc<RequestStates>, responses: Value, state: Option<String>) -> Rounds {
        let binding = RequestBinding::new(Caller::local(Channel::Http), "tools/call", "greet", &Map::new());
        let responses = serde_json::from_value(responses).unwrap();
        Rounds::begin(states, binding, Some(responses), state).await.unwrap()
    }

    fn named(name: &str) -> Value {
        json!({ "action": "accept", "content": { "name": name } })
    }

    fn state_of(rounds: &Rounds) -> Option<String> {
        rounds.ask_client().unwrap().request_state
    }

    #[tokio::test]
    async fn answers_of_earlier_rounds_are_reused() {
        let states = Arc::new(RequestStates::new());
        let schema = schema();
        let [first, second] = ["first", "second"].map(|key| Question::form(key, "Name?", &schema));
        let rounds = round(&states, json!({}), None).await;
        assert_eq!(rounds.ask(first).await, Answer::Later);
        let state = state_of(&rounds);
        let rounds = round(&states, json!({ "first": named("Ada") }), state).await;
        assert!(rounds.ask(first).await.accepted().is_some());
        assert_eq!(rounds.ask(second).await, Answer::Later);
        let result = rounds.ask_client().unwrap();
        assert_eq!(result.input_requests.unwrap().into_keys().collect::<Vec<_>>(), ["second"]);
        let rounds = round(&states, json!({ "second": named("Bob") }), result.request_state).await;
        assert_eq!(rounds.ask(first).await.accepted().unwrap()["name"], "Ada");
        assert_eq!(rounds.ask(second).await.accepted().unwrap()["name"], "Bob");
    }

    #[tokio::test]
    async fn unrequested_answer_counts_as_input_but_not_as_permission() {
        let states = Arc::new(RequestStates::new());
        let schema = schema();
        let question = Question::form("name", "Name?", &schema);
        let rounds = round(&states, json!({ "name": named("Ada"), "other": 1 }), None).await;
        assert_eq!(rounds.ask(question).await, Answer::Later);
        assert!(rounds.gather(&[question]).await[0].accepted().is_some());
        // After the next round, the answer still counts as one that was not asked for.
        assert_eq!(rounds.ask(Question::roots("next")).await, Answer::Later);
        let rounds = round(&states, json!({}), state_of(&rounds)).await;
        assert_eq!(rounds.ask(question).await, Answer::Later);
    }

    #[tokio::test]
    async fn answer_to_another_question_with_the_same_key_is_ignored() {
        let states = Arc::new(RequestStates::new());
        let schema = schema();
        let rounds = round(&states, json!({}), None).await;
        rounds.ask(Question::form("name", "Approve 5 EUR?", &schema)).await;
        let rounds = round(&states, json!({ "name": named("Ada") }), state_of(&rounds)).await;
        assert_eq!(rounds.ask(Question::form("name", "Approve 500 EUR?", &schema)).await, Answer::Later);
    }

    #[tokio::test]
    async fn missing_and_invalid_answers_are_asked_again() {
        let states = Arc::new(RequestStates::new());
        let schema = schema();
        let question = Question::form("name", "Name?", &schema);
        for responses in [json!({}), json!({ "wrong": named("Ada") }), json!({ "name": 12_345 })] {
            let rounds = round(&states, responses, None).await;
            assert_eq!(rounds.gather(&[question]).await, [Answer::Later]);
            assert!(state_of(&rounds).is_some());
        }
    }

    #[tokio::test]
    async fn value_in_the_request_state_is_kept_only_until_the_next_round() {
        let states = Arc::new(RequestStates::new());
        let rounds = round(&states, json!({}), None).await;
        assert_eq!(rounds.carried(), None);
        rounds.ask(Question::roots("a")).await;
        rounds.carry(json!({ "parked": "7" }));
        let rounds = round(&states, json!({}), state_of(&rounds)).await;
        assert_eq!(rounds.carried(), Some(json!({ "parked": "7" })));
        rounds.ask(Question::roots("a")).await;
        assert_eq!(round(&states, json!({}), state_of(&rounds)).await.carried(), None);
    }

    #[tokio::test]
    async fn relayed_question_gets_the_whole_result_of_the_client() {
        let states = Arc::new(RequestStates::new());
        let parameters = json!({ "message": "Name?", "requestedSchema": schema() });
        let parameters = parameters.as_object().unwrap();
        let question = Question::relayed("q", "elicitation/create", parameters);
        let rounds = round(&states, json!({}), None).await;
        assert_eq!(rounds.ask(question).await, Answer::Later);
        let result = json!({ "action": "accept", "content": { "name": 3, "more": true }, "_meta": {} });
        let rounds = round(&states, json!({ "q": result }), state_of(&rounds)).await;
        assert_eq!(rounds.ask(question).await, Answer::Accepted(result.as_object().cloned().unwrap()));
        let nested = json!({ "message": "Name?", "requestedSchema": { "type": "array" } });
        let unfit = Question::relayed("n", "elicitation/create", nested.as_object().unwrap());
        assert!(matches!(rounds.ask(unfit).await, Answer::Failed { code: -32602, .. }));
    }

    #[tokio::test]
    async fn call_that_never_stops_asking_fails_at_the_limit() {
        let states = Arc::new(RequestStates::new());
        let mut state = None;
        for at in 0..=MAX_ROUNDS {
            let rounds = round(&states, json!({}), state).await;
            rounds.ask(Question::roots("again")).await;
            match rounds.ask_client() {
                Ok(result) => state = result.request_state,
                Err(error) => {
                    assert_eq!(at, MAX_ROUNDS);
                    assert!(error.message.contains("too many rounds"), "{error:?}");
                    return;
                }
            }
        }
        panic!("it still asks");
    }
}

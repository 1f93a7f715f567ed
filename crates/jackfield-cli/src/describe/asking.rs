//! Asks the command for texts, and accepts or refuses each text of the answers.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use jackfield_build::model::text::shorten;
use jackfield_build::model::visible_line;
use serde_json::{Map, Value};

use super::answer;
use super::check::{Names, Standard, refusal};
use super::given_command::GivenCommand;
use super::material::Material;
use super::overlay_file::{DescribedText, DescribedTool};
use super::process;
use super::request::Request;
use super::wanted::{Subject, Wanted};
use crate::paint;

/// The maximum number of characters of a name in the answer that a message shows.
const SHOWN_NAME: usize = 80;
/// The maximum number of messages about texts that were not requested.
const MOST_UNASKED: usize = 5;

/// The existing texts of the document in lower case, each with its tool. They serve to detect equal texts.
pub(super) type KnownTexts = BTreeMap<String, String>;

/// The parameters of the requests to the command.
pub(super) struct Asking<'a> {
    pub(super) command: &'a GivenCommand,
    pub(super) time: Duration,
    /// The maximum number of tools of a request.
    pub(super) batch: usize,
    /// The names of all tools and operations.
    pub(super) names: &'a Names,
}

/// The accepted and refused texts of a run.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) tools: Vec<DescribedTool>,
    /// The names of refused texts, each with the reason.
    pub(super) refused: Vec<(String, String)>,
    /// The reason why the remaining texts were not requested.
    pub(super) failure: Option<String>,
}

impl Asking<'_> {
    /// Requests the texts for all material. Stops at the first failure, and keeps the earlier answers.
    pub(super) fn all(&self, material: &[&Material], mut known: KnownTexts) -> Answers {
        let requests = Request::all(material, self.batch);
        let (mut answers, count) = (Answers::default(), requests.len());
        let bar = bar(count);
        for (at, request) in requests.iter().enumerate() {
            let started = Instant::now();
            bar.set_position(at as u64);
            let input = format!("{}\n", request.json());
            let answered = process::run(self.command, input.as_bytes(), self.time)
                .map_err(|fault| fault.to_string())
                .and_then(|bytes| Ok((answer::texts(&bytes)?, bytes.len())));
            let (texts, bytes) = match answered {
                Ok(answered) => answered,
                Err(why) => {
                    answers.failure = Some(format!("request {} of {count}: {why}", at + 1));
                    break;
                }
            };
            bar.suspend(|| {
                paint::note(&format!(
                    "request {} of {count}: {} tools, {} bytes, answered with {bytes} bytes in {:.1} s",
                    at + 1,
                    request.tools.len(),
                    input.len(),
                    started.elapsed().as_secs_f64()
                ));
            });
            self.read(request, texts, &mut known, &mut answers);
        }
        bar.finish_and_clear();
        answers
    }

    fn read(
        &self,
        request: &Request<'_>,
        mut texts: Map<String, Value>,
        known: &mut KnownTexts,
        answers: &mut Answers,
    ) {
        for material in &request.tools {
            let mut accepted = Vec::new();
            let refused_before = answers.refused.len();
            for wanted in &material.wanted {
                let id = wanted.id(&material.tool);
                // The command may leave out a text if the material does not contain enough facts.
                let Some(value) = texts.remove(&id) else { continue };
                match self.decided(material, wanted, &value, known) {
                    Ok(text) => accepted.push(text),
                    Err(reason) => answers.refused.push((label(material, wanted), reason)),
                }
            }
            for text in &accepted {
                known.insert(text.text.to_lowercase(), material.tool.clone());
            }
            answers.tools.push(DescribedTool::new(
                material.route.clone(),
                material.weakness,
                material.digest.clone(),
                self.command.digest(),
                (answers.refused.len() - refused_before) as u64,
                material
                    .wanted
                    .iter()
                    .filter(|wanted| !wanted.shared.is_empty())
                    .map(|wanted| wanted.target.clone())
                    .collect(),
                accepted,
            ));
        }
        let count = texts.len();
        for name in texts.keys().take(MOST_UNASKED) {
            let shown = visible_line(&shorten(name, SHOWN_NAME)).into_owned();
            answers.refused.push((shown, "this text was not requested".to_owned()));
        }
        if count > MOST_UNASKED {
            let more = format!("{} more names", count - MOST_UNASKED);
            answers.refused.push((more, "these texts were not requested".to_owned()));
        }
    }

    fn decided(
        &self,
        material: &Material,
        wanted: &Wanted,
        value: &Value,
        known: &KnownTexts,
    ) -> Result<DescribedText, String> {
        let text = value.as_str().ok_or("it is not a string")?.trim();
        let own: Vec<&str> = match &wanted.subject {
            Subject::Argument(name) if !wanted.shared.is_empty() => vec![name],
            Subject::Argument(name) => vec![name, &material.tool],
            Subject::Summary | Subject::Description => vec![&material.tool, &material.route],
        };
        let standard = Standard {
            original: &wanted.original,
            most: wanted.subject.most(),
            own: &own,
            names: self.names,
            sources: &wanted.sources,
        };
        if let Some(reason) = refusal(text, &standard) {
            return Err(reason);
        }
        // Arguments of different tools may have the same meaning.
        let is_of_tool = !matches!(wanted.subject, Subject::Argument(_));
        let same = known.get(&text.to_lowercase()).filter(|tool| is_of_tool && **tool != material.tool);
        if let Some(tool) = same {
            return Err(format!("`{tool}` has the same text"));
        }
        Ok(DescribedText {
            target: wanted.target.clone(),
            label: label(material, wanted),
            key: wanted.subject.key().to_owned(),
            text: text.to_owned(),
        })
    }
}

/// Returns the name of the described thing, for people.
fn label(material: &Material, wanted: &Wanted) -> String {
    match &wanted.subject {
        Subject::Argument(name) => format!("{}: argument {name}", material.tool),
        subject => format!("{}: {}", material.tool, subject.key()),
    }
}

/// Returns a progress bar, which is shown only on a terminal.
fn bar(count: usize) -> ProgressBar {
    let bar = ProgressBar::new(count as u64);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {bar:24} waiting for the command {elapsed}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

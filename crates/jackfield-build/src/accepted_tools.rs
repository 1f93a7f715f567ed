//! Accepts single tools of a connector that differs from its lock.

use std::collections::BTreeSet;

use jackfield_codegen::{AcceptedTools, Files, LOCK_FILE, Lock, LockChanges, Owner, Unaccepted};
use jackfield_model::{Code, Destinations, Diagnostic, shell_quoted};

use crate::crate_folder::CrateFolder;
use crate::disk::{self, Outcome};
use crate::error::Error;
use crate::report::Modelled;
use crate::served_model::incomparable;

/// The withheld tools that a user accepts, and the text of a new jackfield.lock that accepts only these tools.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// The names of the tools and of their operations.
    pub tools: BTreeSet<String>,
    /// The differences that are accepted.
    pub changes: LockChanges,
    /// The number of tools that stay withheld.
    pub left: usize,
    text: String,
}

impl CrateFolder {
    /// Accepts the withheld tools that selectors match.
    ///
    /// # Errors
    /// Returns an error if the document cannot be read, if a selector matches no withheld tool, or if a matched tool cannot be accepted
    /// alone, because its change concerns other tools too.
    pub fn acceptance(&self, selectors: &[String]) -> Result<Acceptance, Error> {
        let mut modelled = self.shown_model()?;
        let refuse = |problem: String, help: String| {
            let finding = Diagnostic::error(Code::LockDrift, None, problem);
            Err(Error::plain(finding.so("nothing was written").help(help)))
        };
        let command = self.job().lock.lock_command();
        let Some(lock) = modelled.lock.lock.clone() else {
            return refuse(format!("there is no {LOCK_FILE}"), format!("run `{command}`"));
        };
        if !lock.has_comparable_digests() {
            return Err(Error::plain(incomparable(&command)));
        }
        let made = modelled.lock_text();
        let unaccepted = Unaccepted::between(lock.text(), &made, &modelled.connector, &modelled.surface());
        let withheld: BTreeSet<String> = unaccepted.tools.iter().map(|tool| tool.name.to_string()).collect();
        let mut chosen: BTreeSet<String> = BTreeSet::new();
        for selector in selectors {
            let found: Vec<String> = match modelled.called(selector) {
                Ok(tools) => tools.into_iter().filter(|tool| withheld.contains(tool)).collect(),
                Err(problem) => return refuse(problem, "correct the selector, or remove it".to_owned()),
            };
            if found.is_empty() {
                let names: Vec<String> = withheld.iter().take(10).map(|name| format!("`{name}`")).collect();
                let help = match names.as_slice() {
                    [] => "remove `--tool`: no tool is withheld".to_owned(),
                    names => format!("name a withheld tool: {}", names.join(", ")),
                };
                return refuse(format!("`{selector}` matches no tool that is withheld"), help);
            }
            chosen.extend(found);
        }
        // The credentials of these tools may reach only the origins that the user accepts in this run. Earlier accepted origins do not
        // count, because the user accepted them for another scheme.
        let named = self.job().lock.accepted(&Destinations::of(&modelled.connector))?;
        let accepted = modelled.lines_of(&chosen, named);
        let text = accepted.lock(lock.text(), &made);
        let next = Lock::parse(&text);
        let unaccepted = Unaccepted::between(&text, &made, &modelled.connector, &modelled.surface());
        if let Some(tool) = unaccepted.tools.iter().find(|tool| chosen.contains(tool.name.as_str())) {
            let because: Vec<String> = tool.because.iter().map(ToString::to_string).collect();
            let problem = format!("`{}` cannot be accepted alone, because {}", tool.name, because.join("; "));
            return refuse(problem, format!("`{command}` accepts everything"));
        }
        modelled.withhold(&unaccepted);
        let added = next.added(&Destinations::of(&modelled.connector), &self.job().manifest.named_origins());
        if let Some(one) = added.first() {
            let problem = format!(
                "a tool reaches an origin that {LOCK_FILE} does not list: {} ({})",
                one.origin, one.because
            );
            let help = match accepted.origins.contains(&one.origin) {
                true => format!("`{command}` accepts everything"),
                false => format!("to allow it, add --accept-origin {}", shell_quoted(&one.origin)),
            };
            return refuse(problem, help);
        }
        let changes = LockChanges::between(lock.text(), &text);
        let tools = accepted.operations.into_iter().chain(accepted.merges).collect();
        Ok(Acceptance { tools, changes, left: unaccepted.tools.len(), text })
    }

    /// Writes the lock.
    ///
    /// # Errors
    /// Returns an error if the lock cannot be written.
    pub fn accept(&self, acceptance: &Acceptance) -> Result<Outcome, Error> {
        let mut files = Files::default();
        files.add(LOCK_FILE.to_owned(), Owner::Generator, acceptance.text.clone());
        disk::write(&files, self.folder(), None)
    }
}

impl Modelled {
    /// Returns the names of the tools that a selector matches. Clients call the tools by these names.
    fn called(&self, selector: &str) -> Result<BTreeSet<String>, String> {
        let matched = self.matching(&[selector.to_owned()])?;
        Ok(matched.into_iter().map(|at| self.names[at].called().to_string()).collect())
    }

    /// Returns the lines of the lock about these tools.
    fn lines_of(&self, chosen: &BTreeSet<String>, origins: BTreeSet<String>) -> AcceptedTools {
        let is_chosen = |name: &str| chosen.contains(name);
        let operations = self.names.iter().filter(|name| is_chosen(name.called().as_str()));
        let merges = self.connector.merges.iter().filter(|merge| is_chosen(merge.name.as_str()));
        AcceptedTools {
            operations: operations.map(|name| name.name.to_string()).collect(),
            merges: merges.map(|merge| merge.name.to_string()).collect(),
            origins,
        }
    }
}

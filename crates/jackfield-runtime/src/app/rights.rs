//! The `rights` commands, and the rights of a server.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jackfield_recipe::{Effect, nearest, shell_quoted};

use super::arguments;
use super::output::{Failure, print, tell};
use super::serve_options::ServeOptions;
use super::state::{failed, folder};
use super::unknown_word::unknown;
use crate::auth::LocalSource;
use crate::common::caller::{Caller, Channel, Principal};
use crate::common::clock::Clock;
use crate::common::timestamp::Timestamp;
use crate::control::rights::compiled::CompiledRights;
use crate::control::rights::permit::StoredPermit;
use crate::control::rights::{RightsDocument, stored, unmatched};
use crate::control::store::error::StoreError;
use crate::control::store::folder::folder_of;
use crate::control::store::sqlite::SqliteStore;
use crate::engine::known_tool::KnownTool;
use crate::engine::policy::permit::{Permission, Permit};
use crate::engine::policy::read_only::ReadOnly;
use crate::engine::request::{Arguments, Target, TargetKind};
use crate::engine::service::Service;

const COMMANDS: [&str; 4] = ["apply", "show", "check", "remove"];
const USAGE: &str =
    "rights apply FILE | show | check PRINCIPAL [TOOL [ARGUMENTS]] | remove; `help rights` shows more";

/// The arguments of a command.
#[derive(Default)]
struct Words<'w> {
    plain: Vec<&'w str>,
    allows_unmatched: bool,
    scopes: Vec<String>,
    file: Option<PathBuf>,
}

/// Runs a `rights` command.
pub(super) fn run(words: &[&str], local: &LocalSource, service: &Service) -> Result<ExitCode, Failure> {
    let [command, rest @ ..] = words else { return Err(Failure::usage(USAGE)) };
    if !COMMANDS.contains(command) {
        return Err(unknown(&format!("there is no command `rights {command}`"), command, COMMANDS, USAGE));
    }
    let words = parse(command, rest)?;
    match (*command, words.plain.as_slice()) {
        ("apply", [file]) => apply(Path::new(file), words.allows_unmatched, local, service),
        ("show", []) => show(local),
        ("remove", []) => remove(local),
        ("check", [principal, rest @ ..]) if rest.len() < 3 => check(principal, rest, &words, local, service),
        _ => Err(Failure::usage(USAGE)),
    }
}

fn parse<'w>(command: &str, words: &[&'w str]) -> Result<Words<'w>, Failure> {
    let mut parsed = Words::default();
    let mut words = words.iter();
    while let Some(&word) = words.next() {
        let mut value = || words.next().ok_or_else(|| Failure::usage(format!("`{word}` needs a value")));
        match (command, word) {
            ("apply", "--allow-unmatched") => parsed.allows_unmatched = true,
            ("check", "--scope") => parsed.scopes.push((*value()?).to_owned()),
            ("check", "--file") => parsed.file = Some(PathBuf::from(value()?)),
            (_, option) if option.starts_with("--") => {
                let known = ["--allow-unmatched", "--scope", "--file"];
                return Err(unknown(
                    &format!("`rights {command}` has no option `{option}`"),
                    option,
                    known,
                    USAGE,
                ));
            }
            (_, plain) => parsed.plain.push(plain),
        }
    }
    Ok(parsed)
}

fn read(file: &Path) -> Result<RightsDocument, Failure> {
    let shown = file.display();
    let text = arguments::text_of(file)?;
    RightsDocument::parse(&text).map_err(|error| Failure::failed(format!("{shown}:{error}")))
}

fn local_caller() -> Caller {
    Caller::local(Channel::CommandLine)
}

fn apply(
    file: &Path,
    allows_unmatched: bool,
    local: &LocalSource,
    service: &Service,
) -> Result<ExitCode, Failure> {
    let document = read(file)?;
    if !allows_unmatched {
        unmatched::check(&document, &service.known_tools(&local_caller()))
            .map_err(|error| Failure::failed(format!("{}:{error}", file.display())))?;
    }
    let store = SqliteStore::open(&folder(local)?).map_err(failed)?;
    let now = Clock::of_machine().seconds();
    let version = stored::replace(&store, Some(document.text()), now).map_err(failed)?;
    let count = document.len();
    let rules = if count == 1 { "1 rule".to_owned() } else { format!("{count} rules") };
    if !document.has_approver() {
        tell("no rule has `rights = [\"approve\"]`: only the user of this account can approve calls");
    }
    print(&format!(
        "applied version {version} of the rights: {rules}; running servers follow within a second\n"
    ))
}

fn show(local: &LocalSource) -> Result<ExitCode, Failure> {
    match in_force(local)? {
        Some((stored, text)) => {
            let applied = Timestamp::of_seconds(u64::try_from(stored.applied_at).unwrap_or(0));
            print(&format!("# version {}, applied {applied}\n{text}", stored.version))
        }
        None => print(&format!("{}\n", unconfigured(local))),
    }
}

fn unconfigured(local: &LocalSource) -> String {
    let called = local.store().called();
    format!(
        "no rights are configured: every authenticated caller may call every tool; `{called} rights apply FILE` sets them"
    )
}

fn remove(local: &LocalSource) -> Result<ExitCode, Failure> {
    if in_force(local)?.is_none() {
        return print(&format!("{}\n", unconfigured(local)));
    }
    let store = SqliteStore::open(&folder(local)?).map_err(failed)?;
    let version = stored::replace(&store, None, Clock::of_machine().seconds()).map_err(failed)?;
    print(&format!(
        "removed the rights (version {version}): every authenticated caller may call every tool\n"
    ))
}

fn in_force(local: &LocalSource) -> Result<Option<(stored::StoredRights, String)>, Failure> {
    let Some(store) = SqliteStore::open_existing(&folder(local)?).map_err(failed)? else { return Ok(None) };
    let latest = stored::latest(&store).map_err(failed)?;
    Ok(latest.and_then(|stored| stored.document.clone().map(|text| (stored, text))))
}

fn check(
    principal: &str,
    rest: &[&str],
    words: &Words<'_>,
    local: &LocalSource,
    service: &Service,
) -> Result<ExitCode, Failure> {
    let Some(of) = Principal::parse(principal) else {
        let text =
            format!("`{principal}` is not a principal: write `local`, `token:NAME` or `ISSUER#SUBJECT`");
        return Err(Failure::usage(text));
    };
    let document = match &words.file {
        Some(file) => read(file)?,
        None => match in_force(local)? {
            Some((_, text)) => RightsDocument::parse(&text).map_err(failed)?,
            None => return print(&format!("{}\n", unconfigured(local))),
        },
    };
    let tools: Arc<[KnownTool]> = service.known_tools(&local_caller()).into();
    let rights = CompiledRights::new(document, &tools);
    let caller = Caller::new(of, Channel::Http).with_scopes(words.scopes.clone());
    let text = match rest {
        [] => all_decisions(&rights, &tools, &caller),
        [name, json @ ..] => {
            let arguments = match json {
                [text, ..] => Some(arguments::parse(text, "the arguments")?),
                [] => None,
            };
            // For a merged tool, the rights are checked for the operation that the call selects.
            let mut arguments = arguments;
            let selected = match &mut arguments {
                Some(arguments) => service.selected(name, arguments),
                None => Ok(service.tool(name)),
            };
            let selected = selected.map_err(|error| Failure::usage(error.to_string()))?;
            let parts = KnownTool::operations_of(&tools, name);
            if selected.is_none() && !parts.is_empty() {
                let is_part = |tool: &&KnownTool| parts.contains(&tool.name.as_str());
                let parts: Vec<KnownTool> = tools.iter().filter(is_part).cloned().collect();
                return print(&all_decisions(&rights, &parts, &caller));
            }
            let name = selected.as_ref().map_or(*name, |tool| tool.get().name);
            let Some(tool) = tools.iter().find(|tool| tool.name == name) else {
                let near = nearest(name, tools.iter().map(|tool| tool.name.as_str()));
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(Failure::usage(format!("there is no tool `{name}`{near}")));
            };
            let decision = decision(&rights, tool, &caller, arguments.as_ref());
            format!("{}: {decision}\n", tool.name)
        }
    };
    let approvals =
        [(rights.may_approve(&caller), "approve"), (rights.may_approve_own(&caller), "approve-own")];
    let held: Vec<&str> = approvals.iter().filter_map(|(held, right)| held.then_some(*right)).collect();
    let held = if rest.is_empty() && !held.is_empty() {
        format!("rights: {}\n", held.join(", "))
    } else {
        String::new()
    };
    print(&(text + &held))
}

fn all_decisions(rights: &CompiledRights, tools: &[KnownTool], caller: &Caller) -> String {
    let width = tools.iter().map(|tool| tool.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for tool in tools {
        let _ = writeln!(text, "{:width$}  {}", tool.name, decision(rights, tool, caller, None));
    }
    text
}

fn decision(
    rights: &CompiledRights,
    tool: &KnownTool,
    caller: &Caller,
    arguments: Option<&Arguments>,
) -> String {
    let target = Target { kind: TargetKind::Tool, name: &tool.name, effect: tool.effect };
    let (permission, rule) = rights.explain(caller, target, arguments);
    let by = rule.map_or_else(String::new, |rule| format!(" by {rule}"));
    match permission {
        Permission::Allowed => {
            let conditions = rule.filter(|_| arguments.is_none()).map(|rule| rule.described_conditions());
            let conditions = conditions.filter(|text| !text.is_empty()).map(|text| format!(" if {text}"));
            format!("allowed{by}{}", conditions.unwrap_or_default())
        }
        Permission::NeedsScopes(scopes) => format!("listed{by}, and needs the scopes {}", scopes.join(" ")),
        Permission::ArgumentsRefused(why) => format!("refused: {why}"),
        Permission::Hidden => {
            let effect =
                if tool.effect == Effect::Read { "" } else { &format!(" ({})", tool.effect.as_str()) };
            format!("hidden: no rule allows it{effect}")
        }
    }
}

/// Creates the permissions of a server from its options and the stored rights.
pub(super) fn permit(
    options: &ServeOptions,
    local: &LocalSource,
    tells: bool,
) -> Result<Option<Arc<dyn Permit>>, Failure> {
    let stored = stored_permit(options, local, tells)?.map(|permit| permit as Arc<dyn Permit>);
    Ok(match options.read_only {
        true => Some(Arc::new(ReadOnly(stored))),
        false => stored,
    })
}

fn stored_permit(
    options: &ServeOptions,
    local: &LocalSource,
    tells: bool,
) -> Result<Option<Arc<StoredPermit>>, Failure> {
    let connector = local.connector();
    let folder = match folder_of(connector.name, local.store().environment()) {
        Ok(folder) => folder,
        // A server over HTTP can have several users, so it must not start if their rights cannot be read.
        Err(error @ StoreError::NoFolder(_)) if options.http().is_none() => {
            tracing::warn!(%error, "no rights are read");
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    };
    let permit = Arc::new(StoredPermit::open(&folder, KnownTool::all_of(connector)).map_err(failed)?);
    permit.follow().map_err(failed)?;
    match permit.in_force() {
        _ if !tells => {}
        (version, true) => {
            tell(&format!("rights: version {version} (`{} rights show`)", local.store().called()));
        }
        (_, false) if options.http().is_some() => {
            let file = shell_quoted("rights.toml");
            let called = local.store().called();
            tell(&format!(
                "rights: none; every authenticated caller may call every tool (`{called} rights apply {file}`)"
            ));
        }
        _ => {}
    }
    Ok(Some(permit))
}

//! Reports destructive tools without approval, lowered effects, and scopes that no tool needs.

use jackfield_build::model::text::{toml_key, toml_text};
use jackfield_build::model::{Ask, Code, Diagnostic, Effect, Fix};

use super::name_words;
use super::subject::{Subject, Tool, manifest_place};

/// Scopes that a login needs even if no tool requires them.
const OF_LOGINS: [&str; 6] = ["openid", "profile", "email", "offline_access", "offline", "refresh_token"];

/// Reports destructive tools whose calls do not always wait for a person, and effects that connector.toml lowers.
pub(super) fn tools(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for tool in subject.tools.iter().flat_map(Tool::each) {
        if tool.effect == Effect::Destroy && tool.ask != Ask::Always {
            let problem = match tool.ask {
                Ask::Never => {
                    format!(
                        "{} destroys something, and connector.toml says that its calls never wait for approval",
                        tool.called()
                    )
                }
                _ => format!(
                    "{} destroys something, and its calls wait for approval only by default",
                    tool.called()
                ),
            };
            let consequence = match tool.ask {
                Ask::Never => "no call waits for the approval of a person",
                _ => {
                    "with `serve --ask never`, or over stdio with a client without elicitation, its calls do not wait"
                }
            };
            found.push(
                Diagnostic::warning(Code::UnapprovedDestroy, Subject::place_of_choice("ask", tool), problem)
                    .so(consequence)
                    .help("set `ask` to \"always\", or accept the finding with `--allow unapproved-destroy`")
                    .fix(tool.own_line("ask", "\"always\"")),
            );
        }
        let names = [Some(tool.name.as_str()), tool.operation_id.as_deref()];
        let removes = tool.method == "DELETE" || names.into_iter().flatten().any(name_words::removes);
        if removes && tool.effect != Effect::Destroy && tool.because == "connector.toml" {
            let problem = format!(
                "connector.toml gives {} ({}) the effect `{}`",
                tool.called(),
                tool.route,
                tool.effect.as_str()
            );
            // If the key also applies to other tools, the line is kept.
            let fix = match tool.choice("effect").filter(|choice| tool.is_own(choice)) {
                Some(choice) => {
                    Fix::ManifestRemoval { table: "effect".to_owned(), key: toml_key(&choice.key) }
                }
                None => tool.line("effect", "\"destroy\""),
            };
            found.push(
                Diagnostic::warning(Code::LoweredEffect, Subject::place_of_choice("effect", tool), problem)
                    .so("the annotations, rights and approval of the tool follow the weaker effect")
                    .help("remove the line; if the effect is still weaker than \"destroy\" without the line, set \"destroy\"")
                    .fix(fix),
            );
        }
    }
}

/// Reports scopes that connector.toml requests although no tool needs them.
pub(super) fn scopes(subject: &Subject, found: &mut Vec<Diagnostic>) {
    for scheme in &subject.schemes {
        let name = scheme.name.as_str();
        let is_declared = |scope: &String| scheme.flows.iter().any(|flow| flow.scopes.contains(scope));
        let (unused, used): (Vec<&String>, Vec<&String>) = scheme.client.scopes.iter().partition(|scope| {
            is_declared(scope)
                && !subject.needed_scopes.contains(*scope)
                && !OF_LOGINS.contains(&scope.as_str())
        });
        if unused.is_empty() {
            continue;
        }
        let Some(line) = subject.manifest.line_of(&["auth", "schemes", name, "scopes"]) else { continue };
        let listed =
            |scopes: &[&String]| scopes.iter().map(|scope| toml_text(scope)).collect::<Vec<_>>().join(", ");
        let problem =
            format!("for `{name}`, connector.toml requests scopes that no tool needs: {}", listed(&unused));
        found.push(
            Diagnostic::warning(Code::UnusedScope, manifest_place(line), problem)
                .so("a stolen token could do more than the tools can")
                .help("remove the scopes that no tool needs; scopes that tools need are requested without an entry")
                .fix(Fix::line(
                    format!("auth.schemes.{}", toml_key(name)),
                    format!("scopes = [{}]", listed(&used)),
                )),
        );
    }
}

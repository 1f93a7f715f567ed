//! Checks texts that people read.

use jackfield_recipe::is_invisible;

use super::finding::{Finding, FindingCode, quoted};
use crate::entry::input::{Input, NamedInput};
use crate::entry::package::Package;
use crate::entry::remote::Remote;
use crate::entry::server::Entry;

/// Checks the texts of an entry. Only the first text with such characters is reported.
pub(super) fn check(entry: &Entry) -> Option<Finding> {
    let own = [
        ("server/title", entry.title.as_deref()),
        ("server/description", Some(entry.description.as_str())),
        ("server/websiteUrl", entry.website.as_deref()),
        ("_meta/statusMessage", entry.official.status_message.as_deref()),
        ("server/repository/url", entry.repository.as_ref().map(|repository| repository.url.as_str())),
    ];
    let own = own.into_iter().filter_map(|(place, text)| Some((place.to_owned(), text?)));
    let of_packages = entry.packages.iter().enumerate().flat_map(|(at, package)| {
        texts_of_package(package).map(move |text| (format!("server/packages/{at}"), text))
    });
    let of_remotes = entry.remotes.iter().enumerate().flat_map(|(at, remote)| {
        texts_of_remote(remote).map(move |text| (format!("server/remotes/{at}"), text))
    });
    let (place, text) = own.chain(of_packages).chain(of_remotes).find(|(_, text)| is_suspicious(text))?;
    Some(Finding::warning(
        FindingCode::InvisibleCharacter,
        place,
        format!("the text {} contains characters that are invisible or reorder others", quoted(text)),
        "it is shown with these characters escaped; honest texts rarely have them",
    ))
}

fn is_suspicious(text: &str) -> bool {
    text.contains(|c: char| is_invisible(c) && !matches!(c, '\n' | '\r' | '\t'))
}

fn texts_of_package(package: &Package) -> impl Iterator<Item = &str> {
    let arguments = package.arguments.iter().map(|argument| &argument.input);
    arguments.flat_map(texts_of_input).chain(texts_of_named(&package.environment))
}

fn texts_of_remote(remote: &Remote) -> impl Iterator<Item = &str> {
    texts_of_named(&remote.transport.headers).chain(remote.variables.values().flat_map(texts_of_input))
}

fn texts_of_named(inputs: &[NamedInput]) -> impl Iterator<Item = &str> {
    inputs.iter().flat_map(|named| texts_of_input(&named.input))
}

fn texts_of_input(input: &Input) -> impl Iterator<Item = &str> {
    let inputs = std::iter::once(input).chain(input.variables.values());
    inputs
        .flat_map(|input| [&input.description, &input.placeholder].into_iter().flatten().map(String::as_str))
}

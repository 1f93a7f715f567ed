use super::*;
use crate::engine::search::{Evidence, SearchArgument, SearchField};

fn document(name: &str, group: &str, description: &str) -> SearchDocument {
    SearchDocument {
        name: name.to_owned(),
        group: group.to_owned(),
        description: description.to_owned(),
        ..SearchDocument::default()
    }
}

fn library() -> SearchIndex {
    SearchIndex::new([
        document("list_loans", "loans", "Lists the loans of a member."),
        document("renew_loan", "loans", "Extends the due date of a loan."),
        document("delete_member", "members", "Removes a member and the history of a member."),
        document("search_catalogue", "catalogue", "Finds books by author, title or keyword."),
        SearchDocument {
            name: "create_reservation".to_owned(),
            path: "/branches/{branch}/reservations".to_owned(),
            arguments: vec![SearchArgument {
                name: "pickup_shelf".to_owned(),
                description: "Where the book waits.".to_owned(),
            }],
            ..SearchDocument::default()
        },
        document("what_is_new", "news", "Announcements."),
    ])
}

fn found(index: &SearchIndex, query: &str) -> Vec<usize> {
    index.search(query, 5, |_| true).into_iter().map(|hit| hit.document).collect()
}

fn first(index: &SearchIndex, query: &str) -> Option<usize> {
    found(index, query).first().copied()
}

#[test]
fn search_finds_a_tool_by_words_of_any_of_its_fields() {
    let index = library();
    for (query, wanted) in [
        ("Could you renew my loans?", 1),
        ("books by an author", 3),
        ("reservation at a branch", 4),
        ("pickup shelf", 4),
        ("listLoans", 0),
    ] {
        assert_eq!(first(&index, query), Some(wanted), "{query}");
    }
}

#[test]
fn misspelt_words_and_parts_of_compounds_find_their_tool() {
    let index = library();
    assert_eq!(first(&index, "reservaton"), Some(4));
    assert_eq!(first(&index, "catalog"), Some(3));
    let compound = SearchIndex::new([
        document("bookkeeping", "", "Accounts."),
        document("webhooks", "", "Notifications."),
    ]);
    assert_eq!(first(&compound, "hook"), Some(1));
}

#[test]
fn query_verb_finds_a_tool_named_with_its_synonym() {
    let index = library();
    let hits = index.search("erase", 5, |_| true);
    assert_eq!(hits.first().map(|hit| hit.document), Some(2));
    let reason = &hits[0].reason;
    assert_eq!(reason.matches[0].evidence, Evidence::Synonym("delete"));
    assert_eq!(reason.matches[0].fields, [SearchField::Name]);
}

#[test]
fn search_hit_reason_names_matched_words_and_fields() {
    let index = library();
    let reason = |query: &str| index.search(query, 1, |_| true).remove(0).reason.to_string();
    assert_eq!(
        reason("please remove that member"),
        "`member` in name, group, description; `remove` in description"
    );
    assert_eq!(reason("erase"), "`delete` for `erase` in name");
    assert_eq!(reason("reservaton"), "similar to `reservaton` in name, path");
}

#[test]
fn permissions_are_applied_before_tools_are_ranked() {
    let documents = [
        document("list_loans", "loans", "Lists the loans of a member."),
        document("renew_loan", "loans", "Extends the due date of a loan."),
        document("loan_report", "reports", "Counts each loan."),
    ];
    let index = SearchIndex::new(documents);
    let without = |query: &str| index.search(query, 5, |document| document != 0);
    assert!(without("list loans of a member").iter().all(|hit| hit.document != 0));
    // If the best match of the group were ranked, it would raise the score of the other tool of the group.
    let score = |hits: Vec<SearchHit>| hits.into_iter().find(|hit| hit.document == 1).map(|hit| hit.score);
    let lifted = score(index.search("list loans of a member", 5, |_| true));
    assert!(score(without("list loans of a member")) < lifted);
    assert!(index.search("loan", 5, |_| false).is_empty());
}

#[test]
fn query_with_two_tasks_finds_both_tools() {
    let mut documents: Vec<SearchDocument> = (0..6)
        .map(|n| document(&format!("cancel_order_v{n}"), "", "Cancels an order of a customer."))
        .collect();
    documents.push(document("issue_refund", "", "Pays money back to a card."));
    let index = SearchIndex::new(documents);
    let hits = found(&index, "cancel the order of the customer, and refund the money");
    assert!(hits.contains(&6), "{hits:?}");
}

#[test]
fn tools_with_equal_scores_keep_their_list_order() {
    let index = SearchIndex::new((0..20).map(|_| document("get_weather", "", "Tells the weather.")));
    assert_eq!(found(&index, "weather"), [0, 1, 2, 3, 4]);
}

#[test]
fn query_of_only_stop_words_finds_tools_named_with_these_words() {
    assert_eq!(first(&library(), "what is new?"), Some(5));
    assert_eq!(first(&library(), "what is"), Some(5));
}

#[test]
fn work_for_hostile_queries_and_texts_is_bounded() {
    let index = library();
    for query in [
        "",
        " \n\t",
        "\u{0}",
        "\u{fffd}\u{fffd}",
        &"a".repeat(1_000_000),
        &"loan ".repeat(100_000),
        "🚀🚀 \u{202e}x",
    ] {
        assert!(index.search(query, usize::MAX, |_| true).len() <= MOST_HITS);
    }
    assert!(index.search("loan", 0, |_| true).is_empty());
    let empty = SearchIndex::new([]);
    assert!(empty.is_empty() && empty.search("loan", 5, |_| true).is_empty());
    let long =
        SearchIndex::new([document(&"n".repeat(100_000), &"g ".repeat(100_000), &"word ".repeat(1_000_000))]);
    assert_eq!(first(&long, "word"), Some(0));
}

#[test]
fn search_for_common_words_reads_a_bounded_number_of_index_entries() {
    let documents =
        (0..5_000).map(|n| document(&format!("tool{n}"), "", "alpha beta gamma delta epsilon common words"));
    let index = SearchIndex::new(documents);
    let text = "alpha beta gamma delta epsilon common words alphabets gammas deltas epsilons commons worded "
        .repeat(3);
    let query = Query::read(&format!("{text} tool4711"), &index.lexicon, &index.words, &index.grams);
    assert!(query.lists().map(|list| list.list.len()).sum::<usize>() <= 200_000);
    assert_eq!(first(&index, &format!("{text} tool4711")), Some(4711));
}

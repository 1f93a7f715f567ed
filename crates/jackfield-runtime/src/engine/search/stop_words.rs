//! English words that say nothing about a tool: function words, and words that surround a request, such as
//! "please".

/// Whether the lower-case word is a stop word. Stop words are left out of queries, and of the lengths of
/// texts.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}

/// The list is sorted. Apostrophes are removed before words are compared, so `don't` is listed as `dont`. The list does not contain words
/// that are also nouns in APIs, such as `id`, `last` or `interest`.
#[rustfmt::skip]
const STOP_WORDS: &[&str] = &[
    "a", "able", "about", "above", "across", "additionally", "after", "again", "against", "ago", "all",
    "almost", "alone", "along", "already", "also", "although", "always", "am", "among", "an", "and",
    "another", "any", "anybody", "anyone", "anything", "anyway", "anywhere", "are", "arent", "around", "as",
    "aside", "assist", "assistance", "at", "away", "be", "became", "because", "become", "been", "before",
    "behind", "being", "believe", "below", "beside", "besides", "between", "beyond", "both", "but", "by",
    "can", "cannot", "cant", "could", "couldnt", "curious", "did", "didnt", "do", "does", "doesnt", "doing",
    "done", "dont", "due", "during", "each", "either", "else", "elsewhere", "enough", "especially", "etc",
    "even", "ever", "every", "everybody", "everyone", "everything", "everywhere", "except", "far", "few",
    "finally", "for", "from", "further", "furthermore", "get", "gets", "getting", "give", "given", "gives",
    "giving", "go", "goes", "going", "gonna", "got", "had", "has", "hasnt", "have", "havent", "having", "he",
    "hello", "help", "helping", "hence", "her", "here", "hers", "herself", "hes", "hey", "hi", "him",
    "himself", "his", "how", "however", "i", "if", "im", "in", "indeed", "instead", "interested", "into",
    "is", "isnt", "it", "its", "itself", "ive", "just", "keep", "kindly", "know", "knowing", "lastly",
    "lately", "least", "less", "let", "lets", "like", "likely", "look", "looking", "looks", "made", "make",
    "makes", "making", "many", "may", "maybe", "me", "might", "mine", "more", "moreover", "most", "mostly",
    "much", "must", "my", "myself", "namely", "nearly", "need", "needed", "needing", "needs", "neither",
    "never", "nevertheless", "no", "nobody", "none", "nor", "not", "nothing", "now", "nowhere", "of", "often",
    "on", "once", "one", "only", "onto", "or", "other", "others", "otherwise", "our", "ours", "ourselves",
    "out", "over", "per", "perhaps", "please", "possibly", "probably", "provide", "provided", "provides",
    "providing", "quite", "rather", "really", "regarding", "same", "seem", "several", "shall", "she", "shes",
    "should", "shouldnt", "show", "showing", "shows", "since", "so", "some", "somebody", "somehow", "someone",
    "something", "sometime", "sometimes", "somewhere", "soon", "still", "such", "sure", "tell", "telling",
    "tells", "than", "thank", "thanks", "that", "thats", "the", "their", "theirs", "them", "themselves",
    "then", "there", "therefore", "theres", "these", "they", "theyre", "theyve", "thing", "things", "think",
    "this", "those", "though", "through", "throughout", "thus", "to", "together", "too", "toward", "towards",
    "tried", "try", "trying", "twice", "under", "unless", "unlike", "until", "up", "upon", "used", "useful",
    "using", "various", "very", "via", "want", "wanted", "wants", "was", "wasnt", "we", "well", "were",
    "werent", "weve", "what", "whatever", "whats", "when", "whenever", "where", "whereas", "wherever",
    "whether", "which", "while", "who", "whoever", "whom", "whose", "why", "will", "wish", "with", "within",
    "without", "wonder", "wondering", "wont", "would", "wouldnt", "yes", "yet", "you", "youd", "youll",
    "your", "youre", "yours", "yourself", "yourselves", "youve",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stop_words_are_sorted_for_binary_search() {
        assert!(STOP_WORDS.is_sorted());
        assert!(is_stop_word("please") && is_stop_word("youve") && !is_stop_word("invoice"));
    }
}

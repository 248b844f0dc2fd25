/// Picks the names nearest to one that was not found, best first, three at the most.
///
/// A name is near when it starts with what was written, or when its Damerau–Levenshtein distance
/// is at most a third of its length (at least one).
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted_lower = wanted.to_lowercase();
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            let distance = edit_distance(&wanted_lower, &lower);
            let longest = wanted_lower.chars().count().max(lower.chars().count());
            let tail = lower.rsplit(['.', '/']).next().unwrap_or_default();
            let near = distance <= (longest / 3).max(1)
                || (wanted_lower.len() >= 3 && lower.starts_with(&wanted_lower))
                || (wanted_lower.len() >= 3 && tail == wanted_lower);
            near.then_some((distance, name))
        })
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// Counts the letters to change, add, drop or swap between two words (Damerau–Levenshtein).
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    strsim::damerau_levenshtein(a, b)
}

/// Says how alike two words are, from 0 to 1, where beginnings count more (Jaro–Winkler).
pub(crate) fn similarity(a: &str, b: &str) -> f64 {
    strsim::jaro_winkler(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_near_names_best_first() {
        let names = ["staging", "stage", "prod", "dev"];
        assert_eq!(nearest("stagin", names), ["staging", "stage"]);
        assert_eq!(nearest("PROD", names), ["prod"]);
        assert!(nearest("qa", names).is_empty());
        assert_eq!(nearest("pool", ["database.pool", "x"]), ["database.pool"]);
    }
}

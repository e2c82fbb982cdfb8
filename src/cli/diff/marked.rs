//! Two texts, and where they differ.

/// What stays of words that both texts have before and after what differs, in words.
const AROUND: usize = 6;

/// Two texts with what differs between what they have in common, which is cut where it is long.
pub struct Marked {
    lead: String,
    was: String,
    is: String,
    rest: String,
}

impl Marked {
    /// Finds it, word by word.
    pub fn between(before: &str, now: &str) -> Self {
        let (before, now): (Vec<&str>, Vec<&str>) =
            (before.split(' ').collect(), now.split(' ').collect());
        let lead = before
            .iter()
            .zip(&now)
            .take_while(|(before, now)| before == now)
            .count();
        let (was, is) = (&before[lead..], &now[lead..]);
        let rest = was
            .iter()
            .rev()
            .zip(is.iter().rev())
            .take_while(|(was, is)| was == is)
            .count();
        let (was, after) = was.split_at(was.len() - rest);
        let is = &is[..is.len() - rest];
        let lead = match lead > AROUND + 1 {
            true => format!("… {}", now[lead - AROUND..lead].join(" ")),
            false => now[..lead].join(" "),
        };
        let rest = match rest > AROUND + 1 {
            true => format!("{} …", after[..AROUND].join(" ")),
            false => after.join(" "),
        };
        Self {
            lead,
            was: was.join(" "),
            is: is.join(" "),
            rest,
        }
    }

    /// The text before, with signs around what differs.
    pub fn before(&self, on: &str, off: &str) -> String {
        self.with(&self.was, on, off)
    }

    /// The text now.
    pub fn now(&self, on: &str, off: &str) -> String {
        self.with(&self.is, on, off)
    }

    fn with(&self, middle: &str, on: &str, off: &str) -> String {
        let middle = if middle.is_empty() {
            String::new()
        } else {
            format!("{on}{middle}{off}")
        };
        let parts = [self.lead.as_str(), &middle, &self.rest];
        parts
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// A line below the text of now that marks what is new in it; of words that are only gone, and where all is new, none.
    pub fn carets(&self) -> String {
        let width = |text: &str| text.chars().count();
        if self.is.is_empty() || (self.lead.is_empty() && self.rest.is_empty()) {
            return String::new();
        }
        let indent = if self.lead.is_empty() {
            0
        } else {
            width(&self.lead) + 1
        };
        format!("      {:indent$}{}\n", "", "^".repeat(width(&self.is)))
    }
}

#[cfg(test)]
mod tests {
    use super::Marked;

    #[test]
    fn what_differs_is_marked_between_what_does_not() {
        let marked = Marked::between("For a parcel press 2.", "For a large parcel press 3.");
        assert_eq!(marked.before("<", ">"), "For a <parcel press 2.>");
        assert_eq!(marked.now("<", ">"), "For a <large parcel press 3.>");
        let marked = Marked::between("Thank you. Goodbye.", "Thank you very much. Goodbye.");
        assert_eq!(marked.now("<", ">"), "Thank <you very much.> Goodbye.");
        assert_eq!(marked.carets(), "            ^^^^^^^^^^^^^^\n");
    }

    #[test]
    fn long_words_that_are_the_same_are_cut() {
        let long = "one two three four five six seven eight nine ten";
        let marked = Marked::between(&format!("{long} x {long}"), &format!("{long} y {long}"));
        assert_eq!(
            marked.now("", ""),
            "… five six seven eight nine ten y one two three four five six …"
        );
    }

    #[test]
    fn texts_that_repeat_themselves_or_are_empty_are_told_too() {
        let marked = Marked::between("a a", "a a a");
        assert_eq!(
            (marked.before("<", ">"), marked.now("<", ">")),
            ("a a".to_owned(), "a a <a>".to_owned())
        );
        let marked = Marked::between("", "a");
        assert_eq!(
            (marked.now("<", ">").as_str(), marked.carets().as_str()),
            ("<a>", "")
        );
    }
}

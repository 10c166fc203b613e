//! Stored queries after a rename, as the server would print them (`pg_get_viewdef`): it keeps the
//! object that a query names, not the name, and the query's own results keep their names. What
//! the text alone does not tell is left to the caller, as `None`.

use std::ops::Range;

use squawk_syntax::{SourceFile, SyntaxKind, SyntaxNode};

use super::ident;
use crate::catalog::Name;
use crate::dialect::Dialect;

/// What has another name.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Renamed<'a> {
    Column {
        table: &'a Name,
        from: &'a str,
        to: &'a str,
    },
    /// A table or view.
    Relation {
        from: &'a Name,
        to: &'a Name,
    },
    /// Every function of the name, its schema left out.
    Function {
        from: &'a str,
        to: &'a str,
    },
}

/// The columns of a relation; `None` where they are not known. Asked by the name after the rename
/// as well as before.
pub(crate) type Columns<'a> = &'a dyn Fn(&Name) -> Option<Vec<String>>;

/// A statement that holds queries, after a rename; `None` where what a name means is not sure.
pub(crate) fn renamed(sql: &str, what: Renamed<'_>, columns: Columns<'_>) -> Option<String> {
    let edits = Query { root: SourceFile::parse(sql).syntax_node(), what, columns }.edits()?;
    Some(edited(sql, 0, edits))
}

/// An expression that may name the columns of `table` (a policy's), after a rename.
pub(crate) fn renamed_expr(sql: &str, table: &Name, what: Renamed<'_>, columns: Columns<'_>) -> Option<String> {
    let before = format!("SELECT FROM {} WHERE (", table.sql(Dialect::Postgres));
    let whole = format!("{before}{sql})");
    let mut edits = Query { root: SourceFile::parse(&whole).syntax_node(), what, columns }.edits()?;
    edits.retain(|(range, _)| range.start >= before.len());
    Some(edited(sql, before.len(), edits))
}

/// A view's statement once one of its results has another name; `None` where that is not one of a
/// list.
pub(crate) fn result_renamed(sql: &str, from: &str, to: &str) -> Option<String> {
    let root = SourceFile::parse(sql).syntax_node();
    let select =
        root.descendants().filter(is_select).find(|s| s.ancestors().all(|n| n.kind() != SyntaxKind::WITH_CLAUSE))?;
    let named = root.descendants().any(|node| node.kind() == SyntaxKind::COLUMN_LIST);
    let sorted = root.descendants().any(|node| node.kind() == SyntaxKind::NAME_REF && is_output_name(&node, &select));
    let mut targets = targets(&select).into_iter().filter(|target| output_name(target).as_deref() == Some(from));
    let target = targets.next().filter(|_| !named && !sorted)?;
    let end = range(&target).end;
    let start = first_child(&target).map_or(end, |expr| range(&expr).end);
    targets.next().is_none().then(|| edited(sql, 0, vec![(start..end, format!(" AS {}", Dialect::Postgres.quote(to)))]))
}

type Edit = (Range<usize>, String);

/// `offset` is where `sql` begins in what the edits speak of.
fn edited(sql: &str, offset: usize, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut text = sql.to_owned();
    for (range, new) in edits {
        text.replace_range(range.start - offset..range.end - offset, &new);
    }
    text
}

struct Query<'a> {
    root: SyntaxNode,
    what: Renamed<'a>,
    columns: Columns<'a>,
}

/// What stands in a FROM.
struct Source {
    /// What columns are qualified with.
    alias: String,
    /// `None` for a subquery, a function, a name that WITH defines.
    relation: Option<Name>,
    is_aliased: bool,
    hides_columns: bool,
}

/// What a name in an expression is.
enum Meaning {
    /// The renamed object; in which scope, counted from the inside, and under which alias.
    Ours(usize, String),
    Other,
    Unsure,
}

impl Query<'_> {
    fn edits(&self) -> Option<Vec<Edit>> {
        match self.what {
            Renamed::Column { from, to, .. } => self.column_edits(from, to),
            Renamed::Relation { from, to } => self.relation_edits(from, to),
            Renamed::Function { from, to } => Some(self.function_edits(from, to)),
        }
    }

    fn function_edits(&self, from: &str, to: &str) -> Vec<Edit> {
        let calls = self.root.descendants().filter(|node| node.kind() == SyntaxKind::CALL_EXPR);
        let places: Vec<_> = calls
            .filter_map(|call| name_giver(&call))
            .filter(|name| ident(&name.text().to_string()) == from)
            .map(|name| range(&name))
            .collect();
        let mut edits: Vec<Edit> = places.iter().map(|place| (place.clone(), Dialect::Postgres.quote(to))).collect();
        self.keep_results(&places, from, to, &mut edits);
        edits
    }

    /// What is renamed in these places gave results their names, and they keep them.
    fn keep_results(&self, places: &[Range<usize>], from: &str, to: &str, edits: &mut Vec<Edit>) {
        for target in self.root.descendants().filter(|node| node.kind() == SyntaxKind::TARGET) {
            let Some(giver) = first_child(&target).and_then(|expr| name_giver(&expr)) else { continue };
            if !places.contains(&range(&giver)) {
                continue;
            }
            match target.children().find(|node| node.kind() == SyntaxKind::AS_NAME) {
                None => {
                    let end = range(&target).end;
                    edits.push((end..end, format!(" AS {}", Dialect::Postgres.quote(from))));
                }
                // `a AS b` where `a` is `b` now.
                Some(alias) if is_whole(&target, &giver) && alias_name(&alias).as_deref() == Some(to) => {
                    let start = first_child(&target).map_or(range(&alias).start, |expr| range(&expr).end);
                    edits.push((start..range(&alias).end, String::new()));
                }
                Some(_) => {}
            }
        }
    }

    fn column_edits(&self, from: &str, to: &str) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        let mut places = Vec::new();
        for node in self.root.descendants() {
            match node.kind() {
                SyntaxKind::NAME_REF if is_value(&node) => {
                    let path = qualified(&node)?;
                    if path.last().is_none_or(|name| name != from) {
                        continue;
                    }
                    match self.column_meaning(&node, &path) {
                        Meaning::Ours(scope, alias) => {
                            let name = Dialect::Postgres.quote(to);
                            let bare = path.len() == 1 && self.is_taken(&node, scope, to);
                            let text = if bare { format!("{}.{name}", Dialect::Postgres.quote(&alias)) } else { name };
                            edits.push((range(&node), text));
                            places.push(range(&node));
                        }
                        Meaning::Other => {}
                        Meaning::Unsure => return None,
                    }
                }
                SyntaxKind::TARGET if self.opens_star(&node) => return None,
                SyntaxKind::JOIN_USING_CLAUSE | SyntaxKind::JOIN if self.merges(&node, from) => return None,
                SyntaxKind::INSERT
                | SyntaxKind::UPDATE
                | SyntaxKind::DELETE
                | SyntaxKind::MERGE
                | SyntaxKind::TABLE
                    if mentions(&node, from) =>
                {
                    return None;
                }
                _ => {}
            }
        }
        self.keep_results(&places, from, to, &mut edits);
        Some(edits)
    }

    /// What a reference to a column of the renamed one's name means.
    fn column_meaning(&self, node: &SyntaxNode, path: &[String]) -> Meaning {
        let mut other = false;
        for (depth, select) in scopes(node).into_iter().enumerate() {
            let sources = self.sources(&select);
            if let [.., qualifier, _] = path {
                let Some(source) = sources.iter().find(|source| source.alias == *qualifier) else { continue };
                return match self.is_ours(source) {
                    true if source.hides_columns => Meaning::Unsure,
                    true => Meaning::Ours(depth, source.alias.clone()),
                    false => Meaning::Other,
                };
            }
            if depth == 0 && is_output_name(node, &select) {
                return Meaning::Other;
            }
            if let Some(ours) = sources.iter().find(|source| self.is_ours(source)) {
                let unsure = other || ours.hides_columns;
                return if unsure { Meaning::Unsure } else { Meaning::Ours(depth, ours.alias.clone()) };
            }
            for source in sources {
                match source.relation.as_ref().and_then(|name| (self.columns)(name)) {
                    Some(columns) if columns.iter().any(|c| Some(c) == path.last()) => return Meaning::Other,
                    Some(_) => {}
                    None => other = true,
                }
            }
        }
        Meaning::Other
    }

    /// Whether the new name, unqualified, could be something else.
    fn is_taken(&self, node: &SyntaxNode, scope: usize, to: &str) -> bool {
        let scopes = scopes(node);
        let has = |source: &Source| match source.relation.as_ref().and_then(|name| (self.columns)(name)) {
            Some(columns) => columns.iter().any(|c| c == to),
            None => true,
        };
        let near = scopes.iter().take(scope + 1).flat_map(|select| self.sources(select));
        let named = scopes.first().is_some_and(|select| {
            in_clause(node, select, SyntaxKind::ORDER_BY_CLAUSE) && output_names(select).iter().any(|name| name == to)
        });
        named || near.filter(|source| !self.is_ours(source)).any(|source| has(&source))
    }

    /// `*` stands for the columns that there were, under the names that they had.
    fn opens_star(&self, target: &SyntaxNode) -> bool {
        let star = |node: &SyntaxNode| {
            node.children_with_tokens().any(|part| part.as_token().is_some_and(|t| t.kind() == SyntaxKind::STAR))
        };
        let in_exists = target.ancestors().nth(4).is_some_and(|node| node.kind() == SyntaxKind::EXISTS_FN);
        if in_exists {
            return false;
        }
        let Some(select) = scopes(target).into_iter().next() else { return false };
        let sources = self.sources(&select);
        if star(target) {
            return sources.iter().any(|source| self.is_ours(source));
        }
        let Some(field) = first_child(target).filter(|node| node.kind() == SyntaxKind::FIELD_EXPR && star(node)) else {
            return false;
        };
        let qualifier = first_child(&field).map(|base| ident(&base.text().to_string()));
        sources.iter().any(|source| Some(&source.alias) == qualifier.as_ref() && self.is_ours(source))
    }

    /// Whether a join makes one column of ours and another's by name.
    fn merges(&self, join: &SyntaxNode, column: &str) -> bool {
        let natural = |token: &squawk_syntax::SyntaxToken| token.kind() == SyntaxKind::NATURAL_KW;
        let by_name = match join.kind() {
            SyntaxKind::JOIN => join.children_with_tokens().any(|part| part.as_token().is_some_and(natural)),
            _ => mentions(join, column),
        };
        let select = join.ancestors().find(is_select);
        by_name && select.is_some_and(|select| self.sources(&select).iter().any(|source| self.is_ours(source)))
    }

    fn relation_edits(&self, from: &Name, to: &Name) -> Option<Vec<Edit>> {
        let mut edits = Vec::new();
        let sql = to.sql(Dialect::Postgres);
        for node in self.root.descendants() {
            match node.kind() {
                SyntaxKind::RELATION_FROM_ITEM => {
                    let path = node.descendants().find(|node| node.kind() == SyntaxKind::PATH_REF);
                    let Some((path, source)) = path.zip(self.source(&node)).filter(|(_, s)| self.is_ours(s)) else {
                        continue;
                    };
                    edits.push((range(&path), sql.clone()));
                    let select = node.ancestors().find(is_select);
                    let taken = select.is_some_and(|select| {
                        self.sources(&select).iter().any(|other| !self.is_ours(other) && other.alias == to.name)
                    });
                    if !source.is_aliased && from.name != to.name && taken {
                        return None;
                    }
                }
                SyntaxKind::NAME_REF => edits.extend(self.qualifier_edit(&node, from, to)?),
                SyntaxKind::INSERT
                | SyntaxKind::UPDATE
                | SyntaxKind::DELETE
                | SyntaxKind::MERGE
                | SyntaxKind::TABLE
                    if mentions(&node, &from.name) =>
                {
                    return None;
                }
                _ => {}
            }
        }
        Some(edits)
    }

    /// A name that stands before a column, or for a whole row.
    fn qualifier_edit(&self, node: &SyntaxNode, from: &Name, to: &Name) -> Option<Option<Edit>> {
        let field = node.parent().filter(|parent| parent.kind() == SyntaxKind::FIELD_EXPR);
        let is_base = field.as_ref().is_some_and(|field| first_child(field).as_ref() == Some(node));
        if ident(&node.text().to_string()) != from.name {
            return Some(None);
        }
        for select in scopes(node) {
            let sources = self.sources(&select);
            let Some(source) = sources.iter().find(|source| source.alias == from.name) else { continue };
            let ours = self.is_ours(source) && !source.is_aliased;
            return match (ours, is_base, &field) {
                (false, ..) => Some(None),
                (true, true, _) => Some(Some((range(node), Dialect::Postgres.quote(&to.name)))),
                // `schema.table.column`, or a column of that name.
                (true, false, Some(field)) => {
                    let schema = first_child(field).map(|base| ident(&base.text().to_string()));
                    let whole = schema == from.schema.clone().or_else(|| Some("public".to_owned()));
                    let is_column = field.parent().is_none_or(|parent| parent.kind() != SyntaxKind::FIELD_EXPR);
                    Some((whole && !is_column).then(|| (range(field), to.sql(Dialect::Postgres))))
                }
                (true, false, None) if is_callee(node) => Some(None),
                // A column of the table's own name, or the whole row.
                (true, false, None) => {
                    let known: Vec<_> =
                        sources.iter().map(|s| s.relation.as_ref().and_then(|name| (self.columns)(name))).collect();
                    if known.iter().flatten().flatten().any(|column| *column == from.name) {
                        return Some(None);
                    }
                    known.iter().all(Option::is_some).then(|| Some((range(node), Dialect::Postgres.quote(&to.name))))
                }
            };
        }
        Some(None)
    }

    fn is_ours(&self, source: &Source) -> bool {
        match self.what {
            Renamed::Column { table: name, .. } | Renamed::Relation { from: name, .. } => {
                source.relation.as_ref() == Some(name)
            }
            Renamed::Function { .. } => false,
        }
    }

    /// What the FROM of a SELECT lists.
    fn sources(&self, select: &SyntaxNode) -> Vec<Source> {
        let mut found = Vec::new();
        let clause = select.children().find(|node| node.kind() == SyntaxKind::FROM_CLAUSE);
        clause.iter().for_each(|clause| self.collect(clause, &mut found));
        found
    }

    fn collect(&self, node: &SyntaxNode, found: &mut Vec<Source>) {
        for child in node.children() {
            match child.kind() {
                SyntaxKind::RELATION_FROM_ITEM => found.extend(self.source(&child)),
                SyntaxKind::JOIN_EXPR | SyntaxKind::JOIN => self.collect(&child, found),
                SyntaxKind::PAREN_FROM_ITEM if !has_select(&child) => self.collect(&child, found),
                SyntaxKind::PAREN_EXPR => self.collect(&child, found),
                kind if is_item(kind) => found.push(Source {
                    alias: alias_of(&child).unwrap_or_default(),
                    relation: None,
                    is_aliased: true,
                    hides_columns: false,
                }),
                _ => {}
            }
        }
    }

    fn source(&self, item: &SyntaxNode) -> Option<Source> {
        let path = item.descendants().find(|node| node.kind() == SyntaxKind::PATH_REF)?;
        let text = path.text().to_string();
        let tokens = super::tokens(&text);
        let mut parts: Vec<String> = tokens.iter().filter(|t| t.text != ".").map(|t| ident(t.text)).collect();
        let name = parts.pop()?;
        let relation = match parts.pop() {
            Some(schema) => Some(Name::qualified(schema, name.clone())),
            None => (!is_with(item, &name)).then(|| Name::new(name.clone())),
        };
        let alias = alias_of(item);
        let mut aliases = item.children().filter(|node| node.kind() == SyntaxKind::FROM_ALIAS);
        let hides_columns = aliases.any(|alias| alias.children().any(|node| node.kind() != SyntaxKind::TABLE_ALIAS));
        Some(Source { is_aliased: alias.is_some(), alias: alias.unwrap_or(name), relation, hides_columns })
    }
}

fn range(node: &SyntaxNode) -> Range<usize> {
    // Without the white space that a node may begin with.
    let text = node.text().to_string();
    let start = usize::from(node.text_range().start());
    start + (text.len() - text.trim_start().len())..start + text.trim_end().len()
}

fn first_child(node: &SyntaxNode) -> Option<SyntaxNode> {
    node.children().next()
}

fn is_select(node: &SyntaxNode) -> bool {
    matches!(node.kind(), SyntaxKind::SELECT | SyntaxKind::SELECT_INTO)
}

fn has_select(node: &SyntaxNode) -> bool {
    node.descendants().any(|node| is_select(&node) || matches!(node.kind(), SyntaxKind::VALUES | SyntaxKind::TABLE))
}

fn is_item(kind: SyntaxKind) -> bool {
    use SyntaxKind as K;
    [
        K::EXPR_FROM_ITEM,
        K::FUNCTION_FROM_ITEM,
        K::GRAPH_TABLE_FROM_ITEM,
        K::JSON_TABLE_FROM_ITEM,
        K::PAREN_FROM_ITEM,
        K::ROWS_FROM_ITEM,
        K::XML_TABLE_FROM_ITEM,
    ]
    .contains(&kind)
}

fn mentions(node: &SyntaxNode, name: &str) -> bool {
    super::tokens(&node.text().to_string()).iter().any(|token| ident(token.text) == name)
}

fn alias_of(item: &SyntaxNode) -> Option<String> {
    let alias = item.children().find(|node| node.kind() == SyntaxKind::FROM_ALIAS)?;
    let name = alias.children().find(|node| node.kind() == SyntaxKind::TABLE_ALIAS)?;
    Some(ident(name.text().to_string().trim()))
}

fn alias_name(alias: &SyntaxNode) -> Option<String> {
    let name = alias.children().find(|node| node.kind() == SyntaxKind::COLUMN_NAME)?;
    Some(ident(name.text().to_string().trim()))
}

/// Whether a WITH around the place defines the name.
fn is_with(place: &SyntaxNode, name: &str) -> bool {
    let clauses = place
        .ancestors()
        .flat_map(|node| node.children().filter(|n| n.kind() == SyntaxKind::WITH_CLAUSE).collect::<Vec<_>>());
    // A WITH of a whole UNION stands in its first SELECT.
    let of_union = place.ancestors().filter(|node| node.kind() == SyntaxKind::COMPOUND_SELECT).flat_map(|union| {
        union
            .children()
            .filter(is_select)
            .flat_map(|s| s.children().filter(|n| n.kind() == SyntaxKind::WITH_CLAUSE).collect::<Vec<_>>())
            .collect::<Vec<_>>()
    });
    let names = clauses
        .chain(of_union)
        .flat_map(|clause| clause.descendants().filter(|n| n.kind() == SyntaxKind::CTE_NAME).collect::<Vec<_>>());
    names.into_iter().any(|cte| ident(cte.text().to_string().trim()) == name)
}

/// The SELECTs whose FROM a place sees, from the inside out.
fn scopes(node: &SyntaxNode) -> Vec<SyntaxNode> {
    let mut found = Vec::new();
    // Whether the way up came out of a WITH, or of a subquery in a FROM that sees no siblings.
    let mut hidden = false;
    for one in node.ancestors() {
        let lateral = || {
            one.children_with_tokens().any(|part| part.as_token().is_some_and(|t| t.kind() == SyntaxKind::LATERAL_KW))
        };
        match one.kind() {
            SyntaxKind::WITH_CLAUSE => hidden = true,
            SyntaxKind::PAREN_FROM_ITEM if !lateral() && has_select(&one) => hidden = true,
            // The order of a UNION is that of its results.
            SyntaxKind::ORDER_BY_CLAUSE if one.parent().is_some_and(|p| p.kind() == SyntaxKind::COMPOUND_SELECT) => {
                hidden = true;
            }
            _ if is_select(&one) => {
                if !hidden {
                    found.push(one);
                }
                hidden = false;
            }
            _ => {}
        }
    }
    found
}

/// Whether a name stands for a value: it is the last of a path, and no function's.
fn is_value(node: &SyntaxNode) -> bool {
    let Some(parent) = node.parent() else { return false };
    match parent.kind() {
        SyntaxKind::FIELD_EXPR => {
            let last = parent.children().last().as_ref() == Some(node) && parent.children().count() > 1;
            last && parent.parent().is_none_or(|p| p.kind() != SyntaxKind::FIELD_EXPR) && !is_callee(&parent)
        }
        _ => !is_callee(node),
    }
}

fn is_callee(node: &SyntaxNode) -> bool {
    node.parent()
        .is_some_and(|parent| parent.kind() == SyntaxKind::CALL_EXPR && first_child(&parent).as_ref() == Some(node))
}

/// The path that ends with the name; `None` for a field of something that is no name.
fn qualified(node: &SyntaxNode) -> Option<Vec<String>> {
    let whole = node.parent().filter(|parent| parent.kind() == SyntaxKind::FIELD_EXPR).unwrap_or_else(|| node.clone());
    let plain = |n: &SyntaxNode| matches!(n.kind(), SyntaxKind::FIELD_EXPR | SyntaxKind::NAME_REF);
    if !whole.descendants().all(|n| plain(&n)) {
        return None;
    }
    let text = whole.text().to_string();
    Some(super::tokens(&text).iter().filter(|t| t.text != ".").map(|t| ident(t.text)).collect())
}

/// The column or function that gives a result its name (the server's `FigureColname`).
fn name_giver(expr: &SyntaxNode) -> Option<SyntaxNode> {
    match expr.kind() {
        SyntaxKind::NAME_REF => Some(expr.clone()),
        SyntaxKind::FIELD_EXPR => expr.children().last().filter(|node| node.kind() == SyntaxKind::NAME_REF),
        SyntaxKind::CAST_EXPR
        | SyntaxKind::CALL_EXPR
        | SyntaxKind::INDEX_EXPR
        | SyntaxKind::SLICE_EXPR
        | SyntaxKind::COLLATE
        | SyntaxKind::PAREN_EXPR => first_child(expr).and_then(|inner| name_giver(&inner)),
        SyntaxKind::CASE_EXPR => {
            let last = expr.children().find(|node| node.kind() == SyntaxKind::ELSE_CLAUSE)?;
            first_child(&last).and_then(|inner| name_giver(&inner))
        }
        _ => None,
    }
}

/// Whether a result is nothing but a column.
fn is_whole(target: &SyntaxNode, giver: &SyntaxNode) -> bool {
    let whole = |expr: &SyntaxNode| match expr.kind() {
        SyntaxKind::NAME_REF => expr == giver,
        SyntaxKind::FIELD_EXPR | SyntaxKind::CALL_EXPR => name_giver(expr).as_ref() == Some(giver),
        _ => false,
    };
    first_child(target).is_some_and(|expr| whole(&expr))
}

/// The names of a SELECT's results, where words or columns give them.
fn output_names(select: &SyntaxNode) -> Vec<String> {
    targets(select).iter().filter_map(output_name).collect()
}

fn targets(select: &SyntaxNode) -> Vec<SyntaxNode> {
    let clauses = select.children().filter(|node| node.kind() == SyntaxKind::SELECT_CLAUSE);
    let lists = clauses
        .flat_map(|clause| clause.children().filter(|n| n.kind() == SyntaxKind::TARGET_LIST).collect::<Vec<_>>());
    lists.flat_map(|list| list.children().collect::<Vec<_>>()).collect()
}

fn output_name(target: &SyntaxNode) -> Option<String> {
    match target.children().find(|node| node.kind() == SyntaxKind::AS_NAME) {
        Some(alias) => alias_name(&alias),
        None => name_giver(&first_child(target)?).map(|giver| ident(&giver.text().to_string())),
    }
}

/// Whether a name stands in a clause of the SELECT itself.
fn in_clause(node: &SyntaxNode, select: &SyntaxNode, kind: SyntaxKind) -> bool {
    node.ancestors().any(|one| one.kind() == kind && one.parent().as_ref() == Some(select))
}

/// Whether a name is that of a result rather than of a column: where it stands alone in ORDER BY.
fn is_output_name(node: &SyntaxNode, select: &SyntaxNode) -> bool {
    let name = ident(&node.text().to_string());
    let alone = node.parent().is_some_and(|parent| parent.kind() == SyntaxKind::SORT_BY);
    let distinct = node.ancestors().any(|one| one.kind() == SyntaxKind::DISTINCT_CLAUSE);
    (alone && in_clause(node, select, SyntaxKind::ORDER_BY_CLAUSE) || distinct) && output_names(select).contains(&name)
}

#[cfg(test)]
mod tests {
    use super::{Renamed, renamed, renamed_expr};
    use crate::catalog::Name;

    fn columns(name: &Name) -> Option<Vec<String>> {
        let columns: &[&str] = match name.name.as_str() {
            "t" | "z" => &["a", "b"],
            "u" => &["id", "x", "t"],
            "w" => &["id"],
            _ => return None,
        };
        Some(columns.iter().map(|c| (*c).to_owned()).collect())
    }

    /// `t.a` becomes `x`.
    fn column(sql: &str) -> String {
        let what = Renamed::Column { table: &Name::new("t"), from: "a", to: "x" };
        renamed(sql, what, &columns).unwrap_or_else(|| "unsure".to_owned())
    }

    #[test]
    fn results_keep_the_names_of_columns() {
        for (sql, expected) in [
            ("CREATE VIEW v AS SELECT a, b FROM t WHERE a > 0", "CREATE VIEW v AS SELECT x AS a, b FROM t WHERE x > 0"),
            ("SELECT t.a AS x, lower(a), a::text, a + 1 FROM t", "SELECT t.x, lower(x), x::text AS a, x + 1 FROM t"),
            ("SELECT CASE WHEN a > 1 THEN 1 ELSE a END FROM t", "SELECT CASE WHEN x > 1 THEN 1 ELSE x END AS a FROM t"),
            ("SELECT n.a FROM t AS n JOIN w ON w.id = n.a", "SELECT n.x AS a FROM t AS n JOIN w ON w.id = n.x"),
            ("SELECT count(*) FROM t GROUP BY a ORDER BY a", "SELECT count(*) FROM t GROUP BY x ORDER BY x"),
            ("SELECT a::text FROM t ORDER BY a", "SELECT x::text AS a FROM t ORDER BY a"),
            ("SELECT rank() OVER (ORDER BY a) AS a FROM t", "SELECT rank() OVER (ORDER BY x) AS a FROM t"),
            ("SELECT b AS a FROM t WHERE a > 0 ORDER BY a", "SELECT b AS a FROM t WHERE x > 0 ORDER BY a"),
            (
                "SELECT a FROM t UNION SELECT id FROM w ORDER BY a",
                "SELECT x AS a FROM t UNION SELECT id FROM w ORDER BY a",
            ),
            ("WITH c AS (SELECT a FROM t) SELECT a FROM c", "WITH c AS (SELECT x AS a FROM t) SELECT a FROM c"),
            ("SELECT q.a FROM (SELECT a FROM t) q", "SELECT q.a FROM (SELECT x AS a FROM t) q"),
            ("SELECT a('a'), 'a' FROM t", "SELECT a('a'), 'a' FROM t"),
            ("SELECT a FROM z", "SELECT a FROM z"),
        ] {
            assert_eq!(column(sql), expected);
        }
    }

    #[test]
    fn a_result_gets_another_name() {
        let cases = [
            ("CREATE VIEW v AS SELECT a, b FROM t", Some("CREATE VIEW v AS SELECT a AS x, b FROM t")),
            ("CREATE VIEW v AS SELECT b + 1 a FROM t", Some("CREATE VIEW v AS SELECT b + 1 AS x FROM t")),
            ("CREATE VIEW v AS SELECT a FROM t ORDER BY a", None),
            ("CREATE VIEW v (a) AS SELECT b FROM t", None),
            ("CREATE VIEW v AS SELECT * FROM t", None),
        ];
        for (sql, expected) in cases {
            assert_eq!(super::result_renamed(sql, "a", "x").as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn a_name_that_others_have_is_qualified() {
        let sql = "SELECT b FROM t WHERE EXISTS (SELECT 1 FROM u WHERE id = a)";
        assert_eq!(column(sql), "SELECT b FROM t WHERE EXISTS (SELECT 1 FROM u WHERE id = t.x)");
    }

    #[test]
    fn what_the_text_does_not_tell_is_not_guessed() {
        for sql in [
            "SELECT * FROM t",
            "SELECT n.* FROM t n",
            "SELECT b FROM t JOIN z USING (a)",
            "SELECT b FROM t NATURAL JOIN z",
            "SELECT c FROM t AS n (c, d) WHERE n.a > 0",
            "SELECT b, (SELECT a FROM unknown) FROM t",
        ] {
            assert_eq!(column(sql), "unsure", "{sql}");
        }
        assert_eq!(
            column("SELECT * FROM w WHERE EXISTS (SELECT * FROM t WHERE t.a = w.id)"),
            "SELECT * FROM w WHERE EXISTS (SELECT * FROM t WHERE t.x = w.id)"
        );
    }

    #[test]
    fn relations_are_renamed_where_they_stand_and_before_columns() {
        let relation = |sql: &str| {
            let what = Renamed::Relation { from: &Name::new("t"), to: &Name::new("n") };
            renamed(sql, what, &columns).unwrap_or_else(|| "unsure".to_owned())
        };
        for (sql, expected) in [
            ("SELECT t.a, t.* FROM t JOIN u ON u.t = t.a", "SELECT n.a, n.* FROM n JOIN u ON u.t = n.a"),
            ("SELECT t.a FROM w AS t", "SELECT t.a FROM w AS t"),
            ("SELECT o.a FROM public.t o WHERE 't' = 't'", "SELECT o.a FROM n o WHERE 't' = 't'"),
            ("SELECT row_to_json(t), t(1) FROM t", "SELECT row_to_json(n), t(1) FROM n"),
            ("SELECT t FROM u, t", "SELECT t FROM u, n"),
            ("WITH t AS (SELECT 1 AS one) SELECT t.one FROM t", "WITH t AS (SELECT 1 AS one) SELECT t.one FROM t"),
            ("SELECT public.t.a FROM public.t", "SELECT n.a FROM n"),
        ] {
            assert_eq!(relation(sql), expected);
        }
        assert_eq!(relation("SELECT t.a FROM t, w AS n"), "unsure");
    }

    #[test]
    fn expressions_know_their_table() {
        let what = Renamed::Column { table: &Name::new("t"), from: "a", to: "x" };
        let expr = |sql: &str, table: &str| renamed_expr(sql, &Name::new(table), what, &columns);
        assert_eq!(expr("a > 0 AND t.a < b", "t").as_deref(), Some("x > 0 AND t.x < b"));
        assert_eq!(expr("id IN (SELECT a FROM t)", "w").as_deref(), Some("id IN (SELECT x AS a FROM t)"));
    }
}

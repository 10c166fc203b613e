DROP VIEW portfolio_line_totals;

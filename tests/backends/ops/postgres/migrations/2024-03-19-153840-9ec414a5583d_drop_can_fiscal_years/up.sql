DROP TABLE can_fiscal_years;

DROP TABLE can_fiscal_years;
DROP TABLE cans;
DROP TYPE can_arrangement;

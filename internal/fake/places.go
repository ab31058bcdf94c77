package fake

// First names by gender. gofakeit's list has no genders, and a record with contradictory title, gender and name looks like a
// bug.
var firstNames = map[string][]string{
	"female": {"Ada", "Amara", "Amina", "Bisi", "Chioma", "Efua", "Folake", "Grace", "Halima", "Ijeoma", "Jane", "Kemi", "Lola", "Mary", "Ngozi", "Ruth", "Sade", "Tola", "Wanjiru", "Zainab"},
	"male":   {"Abdul", "Bayo", "Chidi", "David", "Emeka", "Femi", "Gbenga", "Hassan", "Ibrahim", "James", "Kofi", "Lanre", "Musa", "Nnamdi", "Otieno", "Peter", "Samuel", "Tunde", "Uche", "Yusuf"},
}

// City, local government area, state.
var places = [][3]string{
	{"Ikeja", "Ikeja", "Lagos"}, {"Surulere", "Surulere", "Lagos"}, {"Garki", "Abuja Municipal", "FCT"}, {"Enugu", "Enugu North", "Enugu"},
	{"Kano", "Nassarawa", "Kano"}, {"Ibadan", "Ibadan North", "Oyo"}, {"Benin City", "Oredo", "Edo"}, {"Port Harcourt", "Obio-Akpor", "Rivers"},
}

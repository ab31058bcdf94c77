package fake

// First names by gender: gofakeit's list does not say which is which, and a record whose title, gender and name
// disagree makes a reader look for a bug that is not there.
var firstNames = map[string][]string{
	"female": {"Ada", "Amara", "Amina", "Bisi", "Chioma", "Efua", "Folake", "Grace", "Halima", "Ijeoma", "Jane", "Kemi", "Lola", "Mary", "Ngozi", "Ruth", "Sade", "Tola", "Wanjiru", "Zainab"},
	"male":   {"Abdul", "Bayo", "Chidi", "David", "Emeka", "Femi", "Gbenga", "Hassan", "Ibrahim", "James", "Kofi", "Lanre", "Musa", "Nnamdi", "Otieno", "Peter", "Samuel", "Tunde", "Uche", "Yusuf"},
}

// City, local government area, state.
var places = [][3]string{
	{"Ikeja", "Ikeja", "Lagos"}, {"Surulere", "Surulere", "Lagos"}, {"Garki", "Abuja Municipal", "FCT"}, {"Enugu", "Enugu North", "Enugu"},
	{"Kano", "Nassarawa", "Kano"}, {"Ibadan", "Ibadan North", "Oyo"}, {"Benin City", "Oredo", "Edo"}, {"Port Harcourt", "Obio-Akpor", "Rivers"},
}

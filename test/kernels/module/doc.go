// Package module finds kernel modules, with the modules that they need, in a folder of modules as a distribution's package has it.
//
//	folder, names -> modules in the order in which they must be loaded
//
// It reads the modules themselves: the list modules.dep is made when a package is installed, which is not done here.
package module
